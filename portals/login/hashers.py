"""The tests' password hasher: Argon2 with the least work, so that hundreds of sign-ins stay quick."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
