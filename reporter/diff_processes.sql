-- Every process, by its number.
SELECT process_id, parent_id, comm, exe, traced FROM processes ORDER BY process_id;
