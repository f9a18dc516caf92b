"""What is inside an uploaded file: read in a process of its own that holds no key and no database (`child.py`).

Nothing here imports the rest of the house: the process that reads a hostile file knows only Pillow, pypdf and these
modules. `portals.files.uploads` starts it and puts its verdict into words.
"""
