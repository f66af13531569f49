#!/bin/sh
# Install the site on one machine with Debian 12 or Ubuntu 24.04, as root, from a checkout in /srv/maturity:
#   sh /srv/maturity/docs/examples/deployment/install.sh https://maturity.example.cn
# It can be run again: what is there stays, and secrets are made once. The proxy's certificate is yours to bring.
set -eu
ADDRESS=${1:?usage: install.sh https://name.of.the.site}
NAME=${ADDRESS#https://}
[ "$NAME" != "$ADDRESS" ] || { echo "the address must begin with https://" >&2; exit 2; }
FILES=/srv/maturity/docs/examples/deployment
say() { printf '\n== %s\n' "$*"; }
secret() { python3 -c 'import secrets; print(secrets.token_urlsafe(48))'; }

say "Packages"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends python3-venv ca-certificates fontconfig \
  fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 postgresql redis-server nginx

say "An account of its own, and its folders"
id maturity >/dev/null 2>&1 || useradd --system --home-dir /srv/maturity --shell /usr/sbin/nologin maturity
install -d -o maturity -g maturity -m 0700 /var/lib/maturity /var/backups/maturity
install -d -o root -g maturity -m 0750 /etc/maturity /etc/maturity/tls
install -m 0755 "$FILES/as-maturity" /usr/local/sbin/as-maturity
chown -R maturity:maturity /srv/maturity

say "The Python environment"
runuser -u maturity -- sh -ec '
  cd /srv/maturity
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  .venv/bin/pybabel -q compile -d maturity/translations'

if [ ! -e /etc/maturity/common.env ]; then
  say "The configuration and the accounts of the database"
  umask 077
  owner=$(secret) worker=$(secret) web=$(secret)
  runuser -u postgres -- psql -q -v ON_ERROR_STOP=1 -v owner="$owner" -v worker="$worker" -v web="$web" -f - \
    <"$FILES/accounts.sql"
  for account in owner worker web; do
    eval "password=\$$account"
    sed "s|PASSWORD|$password|" "$FILES/$account.env" >"/etc/maturity/$account.env"
  done
  sed -e "s|^MATURITY_SITE_URL=.*|MATURITY_SITE_URL=$ADDRESS|" -e "s|^MATURITY_SECRET_KEY=.*|MATURITY_SECRET_KEY=$(secret)|" \
    -e "s|^MATURITY_PASSWORD_SALT=.*|MATURITY_PASSWORD_SALT=$(secret)|" "$FILES/common.env" >/etc/maturity/common.env.new
  chown root:maturity /etc/maturity/*.env /etc/maturity/common.env.new
  chmod 0640 /etc/maturity/*.env /etc/maturity/common.env.new
  mv /etc/maturity/common.env.new /etc/maturity/common.env
fi

say "The schema, the editions and peer figures"
as-maturity owner .venv/bin/flask db upgrade
as-maturity owner .venv/bin/flask seed

say "The programs"
install -m 0644 "$FILES"/maturity-*.service "$FILES"/maturity-*.timer /etc/systemd/system/
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl enable --now redis-server maturity-web maturity-worker maturity-backup.timer
else
  echo "systemd does not run here: start the lines ExecStart of the units by other means"
fi

say "The proxy"
[ -e /etc/nginx/sites-available/maturity ] ||
  sed "s|maturity\.example\.cn|$NAME|g" "$FILES/nginx.conf" >/etc/nginx/sites-available/maturity
ln -sf ../sites-available/maturity /etc/nginx/sites-enabled/maturity
rm -f /etc/nginx/sites-enabled/default
if [ -e /etc/maturity/tls/fullchain.pem ]; then
  nginx -t && { [ ! -d /run/systemd/system ] || systemctl reload nginx; }
else
  echo "put fullchain.pem and privkey.pem into /etc/maturity/tls, then: nginx -t && systemctl reload nginx"
fi

say "The first account"
as-maturity owner .venv/bin/flask operator set_up || true
