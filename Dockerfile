# The service with the released weights: docker build -t pixelmind . && docker run -p 127.0.0.1:7878:7878 -v pixelmind:/data pixelmind
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src src
RUN python -m venv /opt/pixelmind \
    && /opt/pixelmind/bin/pip install --no-cache-dir -c constraints.txt ".[serve,postgres]"

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home pixelmind && install -d -o pixelmind -g pixelmind /data
COPY --from=build /opt/pixelmind /opt/pixelmind
ENV PATH=/opt/pixelmind/bin:$PATH PIXELMIND_HOME=/data PYTHONUNBUFFERED=1
USER pixelmind
VOLUME /data
EXPOSE 7878
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7878/readyz', timeout=4)"]
ENTRYPOINT ["pixelmind"]
CMD ["serve", "--host", "0.0.0.0", "--port", "7878", "--keys"]
