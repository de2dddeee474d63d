# One image for every role of the service.
#
# torch: where the index has a build without CUDA, name it with PIP_EXTRA_INDEX_URL or
# PIP_FIND_LINKS; any other build of the pinned version works too and is only larger.
ARG BASE=debian:bookworm-slim

# The pages' scripts are bundled in a stage of their own: the image holds neither Node nor npm.
FROM ${BASE} AS scripts
ARG NPM_CONFIG_REGISTRY=
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /opt/node
COPY grader/web/scripts /web/scripts
RUN if [ -z "$NPM_CONFIG_REGISTRY" ]; then unset NPM_CONFIG_REGISTRY; fi \
 && /web/scripts/build.sh /opt/node/bin/python

FROM ${BASE}

ARG PIP_EXTRA_INDEX_URL=
ARG PIP_FIND_LINKS=
ENV DEBIAN_FRONTEND=noninteractive \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONDONTWRITEBYTECODE=1

RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-venv libseccomp2 bubblewrap openssl \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
RUN python3 -m venv /opt/grader
ENV PATH=/opt/grader/bin:$PATH

# What changes rarely comes first, so that an edit of ours does not fetch torch again.
COPY constraints.txt ./
RUN pip install --constraint constraints.txt torch numpy babel
COPY pyproject.toml README.md ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; e = p['optional-dependencies']; \
      print(*p['dependencies'], *e['postgresql'], *e['redis'], sep='\n')" > /tmp/needed \
 && pip install --constraint constraints.txt --requirement /tmp/needed 'setuptools>=68' && rm /tmp/needed
COPY grader grader
COPY --from=scripts /web/static/built grader/web/static/built
RUN pybabel --quiet compile --directory grader/web/translations \
 && pip install --no-deps --no-build-isolation .
COPY exercises exercises
COPY solutions solutions

# An ordinary user. A new volume takes over the owner of the folder that it is mounted on: /data for SQLite,
# those below /run/grader for what a first start makes. There is no VOLUME: each new worker would leave one behind.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin grader \
 && install -d -o grader -g grader -m 0700 /data \
 && cd / && install -d -o grader -g grader -m 0755 run/grader run/grader/signing run/grader/web \
      run/grader/database run/grader/broker run/grader/certificate
USER grader
ENV GRADER_DATA=/data \
    GRADER_HOST=0.0.0.0 \
    GRADER_EXERCISES=/app/exercises \
    GRADER_SOLUTIONS=/app/solutions
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["grade", "serve"]
