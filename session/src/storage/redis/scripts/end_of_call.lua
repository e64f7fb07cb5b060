
end

