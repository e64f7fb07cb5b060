-- Returns the answer to a call that an error ended: one text.
local function failed(reason)
  return cmsgpack.pack(type(reason) == 'table' and reason.err or tostring(reason))
end

