# What was saved is what was opened.
cmp mine.json scenarios/patterns/single_region.json
