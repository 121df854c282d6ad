-- The site's keys, where hosts share no data directory.

-- A key of the site, sealed with the master key that every host is given; on PostgreSQL alone, a site on SQLite has
-- files in its data directory. Written when it is made, set or rotated.
CREATE TABLE site_key (
    -- Bound into what is sealed: `secret`, `states.json`, `secrets.key`, `metrics.token`, or a signing key's `<id>.pem`.
    name TEXT PRIMARY KEY,
    -- AES-256-GCM, in base64: nonce, ciphertext and tag.
    sealed TEXT NOT NULL
);
