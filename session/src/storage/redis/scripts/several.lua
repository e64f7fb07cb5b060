
-- What follows is carried out for each of several calls.
local function carry_out()
