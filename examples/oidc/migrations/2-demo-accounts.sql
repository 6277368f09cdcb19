-- The development auth-service's Mallory has a valid token and a disabled account.
INSERT INTO users (sub, email, name, is_disabled)
VALUES ('mallory-sub', 'mallory@example.test', 'Mallory', 1);
