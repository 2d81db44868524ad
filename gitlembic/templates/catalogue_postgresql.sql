-- What the catalogue of a PostgreSQL database tells: a query for each kind of thing, of its name and its definition.
-- {ours} stands for the schemas that are nobody else's, and {own x} for what no extension has brought.

-- kind: schema
SELECT n.nspname, concat_ws(' ', n.nspacl::text, obj_description(n.oid, 'pg_namespace'))
FROM pg_namespace n WHERE {ours}

-- kind: extension
SELECT e.extname, e.extversion || ' in ' || n.nspname
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace

-- kind: table
SELECT n.nspname || '.' || c.relname,
       concat_ws(' ', c.relkind, pg_get_userbyid(c.relowner), c.relpersistence, c.relispopulated, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
                 c.reloptions::text, c.relacl::text, pg_get_partkeydef(c.oid),
                 pg_get_expr(c.relpartbound, c.oid), am.amname, obj_description(c.oid, 'pg_class'),
                 (SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno)
                  FROM pg_inherits i WHERE i.inhrelid = c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND {ours} AND {own c}

-- kind: column
SELECT n.nspname || '.' || c.relname || '/' || a.attname,
       concat_ws(' ', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
                 format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity::text, ''),
                 nullif(a.attgenerated::text, ''), co.collname, a.attstorage, nullif(a.attcompression::text, ''),
                 nullif(a.attstattarget, -1), a.attfdwoptions::text, a.attacl::text,
                 -- the only ones that are documented; servers may keep others for themselves
                 (SELECT string_agg(o, ' ' ORDER BY o) FROM unnest(a.attoptions) o WHERE o LIKE 'n_distinct%'),
                 col_description(c.oid, a.attnum))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  AND {ours} AND {own c}

-- kind: constraint
SELECT n.nspname || '.' || c.relname || '/' || o.conname,
       concat_ws(' ', pg_get_constraintdef(o.oid), CASE WHEN NOT o.convalidated THEN 'NOT VALID' END,
                 CASE WHEN NOT o.conislocal THEN 'INHERITED' END, obj_description(o.oid, 'pg_constraint'))
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {ours}

-- kind: index
SELECT n.nspname || '.' || c.relname || '/' || x.relname,
       concat_ws(' ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
                 CASE WHEN i.indisclustered THEN 'CLUSTERED' END, CASE WHEN i.indisreplident THEN 'IDENTITY' END,
                 (SELECT string_agg(nullif(a.attstattarget, -1)::text, ',' ORDER BY a.attnum)
                  FROM pg_attribute a WHERE a.attrelid = x.oid),
                 obj_description(x.oid, 'pg_class'))
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {ours}

-- kind: sequence
SELECT n.nspname || '.' || c.relname,
       concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                 s.seqcycle, c.relacl::text, obj_description(c.oid, 'pg_class'),
                 (SELECT 'OWNED BY ' || d.refobjid::regclass::text || '.' || a.attname
                  FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                  WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 LIMIT 1))
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {ours}

-- kind: type
SELECT n.nspname || '.' || t.typname,
       concat_ws(' ', t.typtype, t.typacl::text, obj_description(t.oid, 'pg_type'),
                 (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                  FROM pg_enum e WHERE e.enumtypid = t.oid),
                 CASE WHEN t.typtype = 'd' THEN concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
                      t.typnotnull, t.typdefault,
                      (SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
                       FROM pg_constraint k WHERE k.contypid = t.oid)) END,
                 (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid))
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r') AND {ours} AND {own t}

-- kind: function
SELECT n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
       concat_ws(' ', CASE WHEN p.prokind = 'a' THEN 'aggregate ' || (SELECT a::text FROM pg_aggregate a
                      WHERE a.aggfnoid = p.oid) ELSE pg_get_functiondef(p.oid) END,
                 p.proacl::text, obj_description(p.oid, 'pg_proc'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {ours} AND {own p}

-- kind: trigger
SELECT n.nspname || '.' || c.relname || '/' || t.tgname,
       concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid, 'pg_trigger'))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {ours}

-- kind: view
SELECT n.nspname || '.' || c.relname, pg_get_viewdef(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {ours} AND {own c}

-- kind: rule
SELECT n.nspname || '.' || c.relname || '/' || r.rulename, concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND {ours}

-- kind: policy
SELECT n.nspname || '.' || c.relname || '/' || p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid),
                 pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy'))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {ours}

-- kind: statistics
SELECT n.nspname || '.' || s.stxname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {ours}

-- kind: operator class
SELECT n.nspname || '.' || o.opcname, format_type(o.opcintype, NULL) || ' ' || o.opcdefault
FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
WHERE {ours} AND {own o}

-- kind: collation
SELECT n.nspname || '.' || o.collname, concat_ws(' ', o.collprovider, o.collcollate, o.collctype)
FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace
WHERE {ours} AND {own o}

-- kind: event trigger
SELECT evtname, concat_ws(' ', evtevent, evtfoid::regproc::text, evtenabled, evttags::text) FROM pg_event_trigger

-- kind: default privileges
SELECT coalesce(n.nspname, '') || '/' || d.defaclobjtype::text, d.defaclacl::text
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace

-- kind: operator
SELECT n.nspname || '.' || o.oprname || ' ' || o.oprleft::regtype || ', ' || o.oprright::regtype,
       concat_ws(' ', o.oprcode::regprocedure, o.oprresult::regtype, o.oprcom::regoperator, o.oprnegate::regoperator,
                 o.oprrest, o.oprjoin, o.oprcanmerge, o.oprcanhash)
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE {ours} AND {own o}

-- kind: cast
SELECT format_type(t.castsource, NULL) || ' as ' || format_type(t.casttarget, NULL),
       concat_ws(' ', t.castfunc::regprocedure, t.castcontext, t.castmethod)
FROM pg_cast t WHERE t.oid >= 16384 AND {own t}

-- kind: text search configuration
SELECT n.nspname || '.' || t.cfgname,
       (SELECT string_agg(m.maptokentype || ' ' || m.mapseqno || ' ' || m.mapdict::regdictionary, ', '
                          ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = t.oid)
FROM pg_ts_config t JOIN pg_namespace n ON n.oid = t.cfgnamespace
WHERE {ours} AND {own t}

-- kind: text search dictionary
SELECT n.nspname || '.' || t.dictname, t.dictinitoption
FROM pg_ts_dict t JOIN pg_namespace n ON n.oid = t.dictnamespace
WHERE {ours} AND {own t}

-- kind: publication
SELECT p.pubname,
       concat_ws(' ', p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate,
                 (SELECT string_agg(r.prrelid::regclass::text, ', ' ORDER BY r.prrelid::regclass::text)
                  FROM pg_publication_rel r WHERE r.prpubid = p.oid))
FROM pg_publication p

-- kind: foreign server
SELECT s.srvname, concat_ws(' ', f.fdwname, s.srvtype, s.srvversion, s.srvoptions::text, s.srvacl::text)
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw

-- kind: foreign table
SELECT n.nspname || '.' || c.relname, concat_ws(' ', s.srvname, t.ftoptions::text)
FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid JOIN pg_foreign_server s ON s.oid = t.ftserver
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {ours}

-- kind: language
SELECT l.lanname, concat_ws(' ', l.lanpltrusted, l.lanacl::text) FROM pg_language l WHERE l.oid >= 16384 AND {own l}

-- kind: setting
SELECT coalesce(r.rolname, ''), s.setconfig::text
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())

-- kind: large object
SELECT m.oid::text, concat_ws(' ', md5(lo_get(m.oid)), m.lomacl::text) FROM pg_largeobject_metadata m
