
-- What follows is carried out for a call. It returns a list of texts, of which the first says what came of it.
local function carry_out()

