"""The desk finds somebody however the name is typed, and nobody by a part of the last name."""

import pytest

from members.records.rules import Named, is_called

DOOLEY = Named("SINEAD", "", "O'DOOLEY-MARSH", "")
ROSA = Named("ROSA DE LOS ANGELES", "", "DEL RIO", "")
VU = Named("", "", "VU", "")
ST = Named("BARTHOLOMEW", "MAXIMILIAN", "ST. CLAIRE-HUNTINGFORD ASHWELL", "III")
DOE = Named("Dean", "Quincy", "Hollis", "JR")
RENE = Named("Jean-René", "", "Müller", "")


@pytest.mark.parametrize(
    ("on_file", "first", "last"),
    [
        (DOOLEY, "Sinead", "O'Dooley-Marsh"),
        (DOOLEY, "sinéad", "o’dooley–marsh"),
        (DOOLEY, "Sinead", "O\u02bcDooley\u2011Marsh"),
        (DOOLEY, "Sinead", "ODooley Marsh"),
        (DOOLEY, "Sinead", "O Dooley Marsh"),
        (DOOLEY, "Sinead", "odooleymarsh"),
        (DOOLEY, "", "O`Dooley-Marsh"),
        (DOOLEY, "Sinead Mary", "O'Dooley-Marsh"),
        (ROSA, "Rosa", "Del Rio"),
        (ROSA, "Rosa de los", "DelRío"),
        (ROSA, "Rosa D.", "Del Rio"),
        (ROSA, "Rosa de los Angeles", "del-rio"),
        (ROSA, "Rosa", "de los Angeles del Rio"),
        (VU, "", "Vu"),
        (VU, "Linh", "Vu"),
        (Named("", "", "VU LINH", ""), "Vu", "Linh"),
        (ST, "Bartholomew", "St Claire-Huntingford Ashwell"),
        (ST, "Bartholomew", "St. Claire Huntingford Ashwell III"),
        (ST, "Bartholomew M.", "St Claire-Huntingford Ashwell, III"),
        (ST, "BARTHOLOMEW", "ST CLAIRE- III"),
        (ST, "BARTHOLOMEW", "ST CLAIRE-"),
        (DOE, "DEAN Q", "HOLLIS JR"),
        (DOE, "Dean", "Q Hollis"),
        (DOE, "Dean Quincy", "Hollis"),
        (DOE, "", "Hollis, Jr."),
        (RENE, "Jean", "Muller"),
        (RENE, "JeanRene", "Müller"),
        (RENE, "Jean Rene", "MULLER"),
    ],
)
def test_found(on_file: Named, first: str, last: str) -> None:
    assert is_called(on_file, first=first, last=last)


@pytest.mark.parametrize(
    ("on_file", "first", "last"),
    [
        (DOOLEY, "Sinead", "Marsh"),
        (DOOLEY, "Sinead", "O'Dooley"),
        (DOOLEY, "S", "O'Dooley-Marsh"),
        (DOOLEY, "Maeve", "O'Dooley-Marsh"),
        (DOOLEY, "", "O'Dool"),
        (ROSA, "Angeles", "Del Rio"),
        (ROSA, "R", "Del Rio"),
        (ROSA, "Rosa", "Rio"),
        (RENE, "Jean-Luc", "Müller"),
        (RENE, "Rene", "Müller"),
        (VU, "Linh", "Ng"),
        (DOE, "Dean", "Jr"),
    ],
)
def test_not_found(on_file: Named, first: str, last: str) -> None:
    assert not is_called(on_file, first=first, last=last)
