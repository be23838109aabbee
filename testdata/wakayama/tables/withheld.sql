-- 秘匿したものと理由：10人未満、または3施設未満
-- What was withheld, and by which rule
SELECT rule, threshold, note FROM disclosure ORDER BY rule
