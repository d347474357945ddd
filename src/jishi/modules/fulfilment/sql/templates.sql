-- Freight templates with their zones.
-- in:     $1 bigint[] ids, each once
-- out:    one row per template that is not deleted; zones as JSON in their order
-- index:  primary keys of freight_template and freight_zone
SELECT t.id, t.shop_id, t.name, t.counts, t.per_parcel, t.version, (
    SELECT jsonb_agg(to_jsonb(z) - '{cell,template_id,position}'::text[] ORDER BY z.position)
    FROM freight_zone z WHERE z.cell = t.cell AND z.template_id = t.id) AS zones
FROM unnest($1::bigint[]) a(id)
JOIN freight_template t ON t.cell = cell_of(a.id) AND t.id = a.id AND t.deleted_at IS NULL
