end
-- Carries out several calls, which have nothing to do with each other.
-- KEYS: those of the calls, one after the other. ARGV: one text that holds how many keys each has; that of each.

local keys, args, answers, last = KEYS, ARGV, {}, 0
for i, count in ipairs(cmsgpack.unpack(args[1])) do
  begin({unpack(keys, last + 1, last + count)}, args[i + 1])
  local carried_out, answer = pcall(carry_out)
  local reason = not carried_out and (type(answer) == 'table' and answer.err or tostring(answer))
  -- That is about the server, and nobody's own.
  if reason and string.find(reason, 'READONLY', 1, true) then error(answer, 0) end
  answers[i] = reason and {'failed', reason} or answer
  last = last + count
end
return answers
