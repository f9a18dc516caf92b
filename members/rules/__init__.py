"""Pure decisions on enrollment values: no database, no request, no clock."""
