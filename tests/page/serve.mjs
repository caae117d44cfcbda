// Serves one folder on the loopback address, with byte ranges as every web host has them; below `/whole/` without
// them, as Python's server does.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.wav': 'audio/wav', '.mp3': 'audio/mpeg', '.jpg': 'image/jpeg', '.png': 'image/png',
  '.vtt': 'text/vtt', '.txt': 'text/plain; charset=utf-8', '.json': 'application/json',
};

export function serve(folder, port = 0) {
  const server = createServer((request, response) => {
    const asked = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const isWhole = asked.startsWith('/whole/'), path = isWhole ? asked.slice(6) : asked;
    const file = join(folder, path.endsWith('/') ? path + 'index.html' : path);
    let size;
    try { size = statSync(file).size; } catch { response.writeHead(404).end(); return; }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    const range = !isWhole && /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range) {
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': size, ...(isWhole ? {} : { 'Accept-Ranges': 'bytes' }) });
      createReadStream(file).pipe(response);
      return;
    }
    const start = range[1] === '' ? size - Number(range[2]) : Number(range[1]);
    const end = range[1] === '' || range[2] === '' ? size - 1 : Math.min(Number(range[2]), size - 1);
    response.writeHead(206, {
      'Content-Type': type, 'Content-Length': end - start + 1, 'Accept-Ranges': 'bytes',
      'Content-Range': `bytes ${start}-${end}/${size}`,
    });
    createReadStream(file, { start, end }).pipe(response);
  });
  return new Promise(ready => server.listen(port, '127.0.0.1', () => ready(server)));
}
