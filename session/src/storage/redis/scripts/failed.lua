-- Returns the answer to a call that an error ended.
local function failed(reason)
  return {'failed', type(reason) == 'table' and reason.err or tostring(reason)}
end

