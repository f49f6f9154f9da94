-- The transit times of each edge that has any; those of one mechanism stand together.
SELECT mechanism, transit_hist, exact, inferred, ambiguous
FROM edges
WHERE transit_hist IS NOT NULL
ORDER BY mechanism;
