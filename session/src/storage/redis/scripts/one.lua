
begin(KEYS, ARGV[1])

