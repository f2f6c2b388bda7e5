-- Sums of blocks begin with a key of their object from here on. Those without one are made anew from the bytes.
DELETE FROM "block_sums";
