-- A store of schema 1 with rows in every table, for the upgrade test. Never edited once schema 1 is released.
INSERT INTO company (slug, name, timezone, next_ticket_number, position, is_paused, version, created_at_ms) VALUES
    ('acme', 'Acme', 'Europe/Berlin', 3, 5, 0, 2, 1000), ('globex', 'Globex', 'UTC', 1, 0, 1, 1, 1000);
INSERT INTO account (login, name, folded_name, kind, password, email, totp_nonce, totp_confirmed_at_ms, totp_step,
    disabled_at_ms, version, created_at_ms) VALUES
    ('uma', 'Uma Ünal', 'uma ünal', 'person', '$scrypt$x', 'uma@example.com', 'nonce', 5000, 7, NULL, 1, 1000),
    ('dave', 'Dave', 'dave', 'person', NULL, NULL, NULL, NULL, 0, NULL, 1, 1000),
    ('robot', 'Robot', 'robot', 'service', NULL, NULL, NULL, NULL, 0, 9000, 2, 1000);
INSERT INTO account_role (account_id, role) VALUES (1, 'user'), (1, 'admin'), (2, 'task_worker'), (3, 'task_worker');
INSERT INTO membership (company_id, account_id, is_available, plan_at_ms, plan_available, plan_handover, plan_until_ms,
    set_by_id, seen_at_ms) VALUES
    (1, 1, 1, NULL, NULL, NULL, NULL, NULL, NULL), (1, 2, 1, 99000, 0, 'not_started', 199000, 1, NULL),
    (1, 3, 0, NULL, NULL, NULL, NULL, NULL, 8000);
INSERT INTO membership_limit (company_id, account_id, role) VALUES (1, 1, 'user');
INSERT INTO company_role (company_id, name) VALUES (1, 'it-staff');
INSERT INTO member_role (company_id, account_id, role) VALUES (1, 2, 'it-staff');
INSERT INTO session (id, account_id, purpose, refresh_hash, previous_hash, rotated_at_ms, created_at_ms, ended_at_ms,
    ended_because, told_at_ms, agent, address, audience) VALUES
    ('s1', 1, 'web', 'h2', 'h1', 2000, 1000, NULL, NULL, NULL, 'Firefox', '192.0.2.1', NULL),
    ('s2', 3, 'api', 'h3', NULL, 2000, 1000, 3000, 'account_disabled', NULL, 'curl', '192.0.2.2', 'billing');
INSERT INTO throttle (name, failures, blocked_until_ms, changed_at_ms) VALUES ('login uma', 6, 4000, 3000);
INSERT INTO recovery_code (account_id, hash, used_at_ms) VALUES (1, 'rc', NULL);
INSERT INTO api_key (id, account_id, name, hash, created_at_ms, used_at_ms, revoked_at_ms) VALUES
    ('k1', 3, 'nightly', 'kh', 1000, 2000, 3000);
INSERT INTO password_link (hash, account_id, kind, expires_at_ms, used_at_ms) VALUES ('lh', 2, 'invite', 9000, NULL);
INSERT INTO audit (at_ms, actor, action, subject, company_id, old, new, address) VALUES
    (1000, 'system', 'company-added', 'company acme', 1, NULL, '{"name":"Acme"}', ''),
    (1000, 'uma', 'signed-in', 'user uma', NULL, NULL, '"web"', '192.0.2.1');
INSERT INTO definition (company_id, kind, name, version, state, file, file_before, has_schedule, updated_at_ms) VALUES
    (1, 'ticket', 'keys', '1.0.0', 'active', 'acme/keys.ticket.yaml', NULL, 0, 1000),
    (1, 'workflow', 'report', '1.0.0', 'active', 'acme/report.workflow.yaml', 'b9', 1, 1000);
INSERT INTO revision (company_id, definition_id, is_current, sha256, source, model, published_at_ms,
    is_undrawn) VALUES
    (1, 1, 0, 'aa', 'ticket: keys', '{}', 1000, 0), (1, 1, 1, 'ab', 'ticket: keys # again', '{}', 2000, 0),
    (1, 2, 1, 'ba', 'document: {}', '{}', 1000, 0);
INSERT INTO problem (company_id, file, line_number, column_number, severity, message, suggestion) VALUES
    (1, 'acme/broken.task.yaml', 3, 5, 'error', 'unknown member "bdy"', 'body');
INSERT INTO schedule (definition_id, company_id, revision_id, next_at_ms, met, deaths, set_aside,
    set_aside_facts) VALUES (2, 1, 3, NULL, '[]', 1, 'start', '{"error":"no"}');
INSERT INTO secret (company_id, name, sealed, updated_at_ms) VALUES (1, 'token', 'sealed', 1000);
INSERT INTO ticket (company_id, number, revision_id, type, title, folded_title, status, state, priority, labels,
    folded_labels, form, fields, requester_id, duplicate_of_id, due_at_ms, next_due_at_ms, created_at_ms, updated_at_ms,
    closed_at_ms, version) VALUES
    (1, 1, 1, 'keys', 'My Keys', 'my keys', 'lost for good', 'closed', 'normal', '["Door"]', '["door"]',
        '{"which":"front"}', '[]', 1, NULL, NULL, 9223372036854775807, 2000, 6000, 6000, 3),
    (1, 2, 2, 'keys', 'Again', 'again', 'in progress', 'open', 'urgent', '[]', '[]', '{}', '[]', 1, 1, 90000, 90000, 3000,
        3000, NULL, 1);
INSERT INTO ticket_view_role (company_id, ticket_id, role) VALUES (1, 2, 'it-staff');
INSERT INTO comment (company_id, ticket_id, account_id, text, is_internal, created_at_ms) VALUES
    (1, 1, 1, 'Found?', 0, 3000), (1, 1, 2, 'No', 1, 4000);
INSERT INTO instance (company_id, ticket_id, workflow_revision_id, pins, status, state, version, parent_id,
    parent_reference, parent_visit, depth, schedule_id, wake_at_ms, paused_until_ms, is_listening, is_spawned, deaths,
    set_aside, set_aside_facts, created_at_ms, ended_at_ms) VALUES
    (1, 1, NULL, '{}', 'completed', '{}', 4, NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 2000, 6000),
    (1, 2, NULL, '{}', 'running', NULL, 0, NULL, NULL, NULL, 0, NULL, 95000, 95000, 1, 0, 1, NULL, NULL, 3000, NULL),
    (1, NULL, 3, '{}', 'running', '{}', 1, 2, '/do/0/sub', 1, 1, 2, NULL, NULL, 0, 1, 2, 'died', '{"times":2}', 3000, NULL);
INSERT INTO instance_event (company_id, position, instance_id, kind, payload, set_aside, created_at_ms) VALUES
    (1, 1, 2, 'start', '{}', NULL, 3000), (1, 2, 3, 'resume', '{}', 'died', 3000);
INSERT INTO cloud_event (company_id, position, source, event_id, payload, is_dispatched, at_ms) VALUES
    (1, 3, '/shop', '1', '{"id":"1"}', 1, 3000);
INSERT INTO http_call (company_id, instance_id, reference, visit, stage, is_repeatable, state, attempt, next_at_ms,
    deadline_at_ms) VALUES (1, 3, '/do/1/get', 1, 1, 1, 'sent', 1, 3000, 33000);
INSERT INTO task (company_id, ticket_id, instance_id, revision_id, reference, visit, seat, step, name, title,
    description, kind, role, strategy, excluded, avoided, preferred, addressee, state, waiting_reason, assignee_id,
    attempt, failures, lease, wake_at_ms, priority, has_own_priority, due_at_ms, input, output, fields, prefilled, draft,
    error, decision, created_at_ms, assigned_at_ms, started_at_ms, finished_at_ms, version) VALUES
    (1, 1, 1, NULL, '/do/0/handle', 1, 0, 'handle', 'handle', 'Handle it', NULL, 'person', NULL, 'shortest-queue', '[]',
        '["robot"]', NULL, NULL, 'completed', NULL, 2, 2, 0, NULL, NULL, 'normal', 0, NULL, '{}', '{"outcome":"done"}', '[]',
        '{}', NULL, NULL, '{"chosen":"dave","because":"claimed"}', 2000, 2100, 2200, 6000, 4),
    (1, 2, 2, NULL, '/do/0/handle', 1, 0, 'handle', 'handle', 'Handle it', 'Soon', 'person', 'it-staff', 'person', '[]',
        '[]', 'dave', 'dave', 'held', NULL, 2, 1, 0, NULL, 98000, 'urgent', 1, 90000, '{}', NULL, '[]', '{}',
        '{"answers":{},"by":2}', NULL, NULL, 3000, 3100, NULL, NULL, 2);
INSERT INTO assignment (company_id, task_id, attempt, ticket_id, account_id, at_ms) VALUES
    (1, 1, 1, 1, 3, 2050), (1, 1, 2, 1, 2, 2100), (1, 2, 1, 2, 2, 3100);
INSERT INTO history (company_id, ticket_id, task_id, actor, kind, data, at_ms) VALUES
    (1, 1, NULL, 'uma', 'submitted', '{"type":"keys"}', 2000),
    (1, 1, NULL, 'uma', 'uncomputed', '{"key":"priority","error":"it gave 7"}', 2000),
    (1, 1, 1, 'dave', 'completed', '{"outcome":"done"}', 6000);
INSERT INTO attachment (id, company_id, account_id, name, media_type, size, created_at_ms, ticket_id, task_id, field)
    VALUES ('f00d', 1, 1, 'key.png', 'image/png', 12, 2000, 1, NULL, NULL),
    ('feed', 1, 1, 'unused.png', 'image/png', 12, 2000, NULL, NULL, NULL);
INSERT INTO attachment_chunk (company_id, attachment_id, place, content, created_at_ms)
    VALUES (1, 'f00d', 0, 'not a picture', 2000);
INSERT INTO notification (company_id, account_id, kind, ticket_id, task_id, comment_id, created_at_ms, read_at_ms) VALUES
    (1, 2, 'assigned', 1, 1, NULL, 2100, 2200), (1, 2, 'answered', 1, NULL, 1, 3000, NULL),
    (1, 1, 'closed', 1, NULL, NULL, 6000, NULL);
INSERT INTO follower (company_id, ticket_id, account_id, is_following, at_ms) VALUES (1, 1, 2, 1, 4000), (1, 2, 1, 0, 4000);
INSERT INTO notice_setting (account_id, kind, is_told) VALUES (1, 'closed', 1), (2, 'due_soon', 0);
INSERT INTO outbox (company_id, position, kind, task_id, attempt, account_id, created_at_ms) VALUES
    (1, 4, 'remove', 1, 2, NULL, 6000), (1, 5, 'worker', NULL, NULL, 2, 6000);
INSERT INTO queue_epoch (company_id, epoch, acknowledged_position) VALUES (1, 'e1', 0);
INSERT INTO mended_key (name, company_id, finding, found_type, expected_type, at_ms) VALUES
    ('tf:{acme}:open', 1, 'type', 'string', 'zset', 7000);
INSERT INTO leader (id, holder, epoch, renewals, renewed_at_ms) VALUES (1, 'daemon', 3, 12, 7000);
INSERT INTO daemon (name, queues, renewals, renewed_at_ms) VALUES ('daemon', 'redis://queues', 4, 7000);
INSERT INTO failing_part (daemon, name, error, since_ms) VALUES ('daemon', 'metrics', 'the address is in use', 6000);
INSERT INTO idempotency_key (account_id, name, request, answer, created_at_ms) VALUES
    (1, 'api k', 'POST /x', '{"status":201}', 3000);
INSERT INTO parked_form (id, account_id, page, fields, created_at_ms) VALUES ('p1', 1, '/account', '[]', 3000);
INSERT INTO site_key (name, sealed) VALUES ('secret', 'c2VhbGVk');
INSERT INTO diagram (company_id, revision_id, layout, refused, drawn_at_ms) VALUES (1, 3, '{}', NULL, 1);
INSERT INTO saved_view (company_id, account_id, list, name, query, role, created_at_ms) VALUES
    (1, 1, 'tickets', 'Late keys', 'overdue=true&type=keys', NULL, 3000);
INSERT INTO search_text (company_id, ticket_id, kind, task_id, audience, account_id, text, words) VALUES
    (1, 1, 'title', NULL, '[]', 1, 'A key', 'a key');
UPDATE search_mark SET upto = 1;
