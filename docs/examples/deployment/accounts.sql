-- Three accounts and the roles of row-level security, in an empty cluster. Run it once, as the superuser:
--   psql -v ON_ERROR_STOP=1 -v owner=SECRET1 -v worker=SECRET2 -v web=SECRET3 -f accounts.sql

-- Owns the tables: migrates, backs up and restores. No program runs as it all day.
CREATE ROLE maturity_owner LOGIN PASSWORD :'owner';
-- Work for all tenants, and nothing by itself.
CREATE ROLE maturity_worker LOGIN NOINHERIT PASSWORD :'worker';
-- Pages. It needs every role but that of the worker, with one exception below, and is nothing by itself.
CREATE ROLE maturity_web LOGIN NOINHERIT PASSWORD :'web';

CREATE ROLE maturity_sign_in;
CREATE ROLE maturity_tenant;
CREATE ROLE maturity_across;
CREATE ROLE maturity_operate;
CREATE ROLE maturity_shown;
CREATE ROLE maturity_own;
GRANT maturity_sign_in, maturity_tenant, maturity_across, maturity_operate, maturity_shown, maturity_own TO maturity_owner;
GRANT maturity_sign_in, maturity_tenant, maturity_across, maturity_operate, maturity_shown, maturity_own TO maturity_worker;
GRANT maturity_sign_in, maturity_tenant, maturity_operate, maturity_shown, maturity_own TO maturity_web;

CREATE DATABASE maturity OWNER maturity_owner ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE maturity FROM PUBLIC;
GRANT CONNECT ON DATABASE maturity TO maturity_web, maturity_worker;
