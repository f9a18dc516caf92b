"""What things cost: every rate method expanded into price rows, rounded there."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from billing import enums


class RatedProduct(models.Model):
    """What a price is for. `members.Product` points down to it."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)
    line = models.CharField(max_length=10, choices=enums.CoverageLine.choices)

    class Phi:
        protected = ()
        cleared = ("id", "code", "name", "line")


class PriceRow(models.Model):
    """The monthly price of a product and price key (tier, or area and age) for plan years that start in `filed`.

    Every rate method is expanded into these rows once, rounded there; the bill run and quotes only look them up.
    """

    product = models.ForeignKey(RatedProduct, on_delete=models.PROTECT, related_name="prices")
    price_key = models.CharField(max_length=30)
    filed = DateRangeField()
    cents = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cents__gte=0), name="price_not_negative"),
            ExclusionConstraint(
                name="one_price_at_a_time",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("price_key", RangeOperators.EQUAL),
                    ("filed", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    class Phi:
        protected = ()
        cleared = ("id", "product", "price_key", "filed", "cents")
