-- Rows of each table of figures, and those withheld.
-- One row per dataset. Reads disclosure.
SELECT dataset, cells, withheld FROM disclosure WHERE dataset <> '' AND cells > 0 ORDER BY dataset
