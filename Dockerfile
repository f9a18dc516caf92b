# The image of web, workers and beat. Same locks, same system packages and same steps as `make run`;
# tests/launch/test_compose.py holds them together.
FROM python:3.11-slim-bookworm AS assets
WORKDIR /srv/front-house
COPY launch launch
COPY requirements requirements
COPY package.json package-lock.json ./
RUN python -c "from launch import assets; assets.ensure()"

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/front-house
COPY requirements requirements
RUN python -m pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
COPY . .
COPY --from=assets /srv/front-house/static/vendor static/vendor
RUN python -c "from launch import catalogues; catalogues.ensure()" \
    && useradd --system --uid 10001 --home-dir /data front-house \
    && install -d -o front-house -m 700 /data /keys
USER front-house
ENV DJANGO_SETTINGS_MODULE=portals.settings.production \
    PLAN_VAR_DIR=/data \
    PLAN_KEYS_DIR=/keys \
    PYTHONUNBUFFERED=1
VOLUME ["/data", "/keys"]
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "portals.wsgi:application", "--worker-class", "gthread", "--threads", "4", "--no-control-socket", "--workers", "2", "--bind", "0.0.0.0:8000"]
