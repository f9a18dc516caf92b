from django.apps import AppConfig


class Saved(AppConfig):
    name = "benchmarks._saved"
    label = "saved"
