-- One object as the chain names it.
SELECT mechanism, name, object_id FROM objects WHERE object_id = :object_id;
