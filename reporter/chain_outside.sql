-- A process that is not traced, by its pid.
SELECT comm FROM processes WHERE NOT traced AND pid = :pid AND comm IS NOT NULL LIMIT 1;
