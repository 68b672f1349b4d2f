"""What can go wrong with specialists.

ModelError
└── NoSpecialist          nobody answered, or not to the end
    ├── SpecialistRefused    there is no memory for it, or no place
    └── SpecialistFailed     it did not start, broke off, or is left alone because it often did
"""

from __future__ import annotations

from models.errors import ModelError


class NoSpecialist(ModelError):
    """Somebody else has to answer, or to go on."""


class SpecialistRefused(NoSpecialist):
    """There is no memory for it, or no place beside others that are at work."""


class SpecialistFailed(NoSpecialist):
    """It did not start, broke off, or is left alone because it often did."""
