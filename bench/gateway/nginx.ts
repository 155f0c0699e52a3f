/** nginx as a proxy that looks into nothing, where it is installed. */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSocket } from './load.ts'

/** Null where nginx is not installed. */
export async function startNginx(upstream: string): Promise<{ url: string; child: ChildProcess } | null> {
  if (spawnSync('nginx', ['-v']).status !== 0) return null
  const directory = mkdtempSync(join(tmpdir(), 'servanda-nginx-'))
  const url = `http://127.0.0.1:${await freePort()}`
  writeFileSync(join(directory, 'nginx.conf'), configuration(directory, url, upstream))
  const child = spawn('nginx', ['-p', directory, '-c', join(directory, 'nginx.conf')], { stdio: 'ignore' })
  for (let tries = 0; ; tries++) {
    try {
      ;(await openSocket(url)).destroy()
      return { url, child }
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  await once(server.close(), 'close')
  return port
}

function configuration(directory: string, url: string, upstream: string): string {
  return `daemon off; worker_processes 1; pid ${directory}/pid; error_log ${directory}/error crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  upstream model { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 1000000; }
  server {
    listen ${new URL(url).host};
    location / { proxy_pass http://model; proxy_http_version 1.1; proxy_set_header connection ""; }
  }
}
`
}
