import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const NGINX = '/usr/sbin/nginx';
const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const PACKAGES = ['nginx-light', 'libnginx-mod-rtmp'];

/**
 * Makes nginx-rtmp available: installed, or installed now where this is Debian and root.
 * Answers with the reason when it is not to be had, else null.
 */
export async function prepareNginxRtmp(): Promise<string | null> {
  if (existsSync(NGINX) && existsSync(MODULE)) return null;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    return `nginx-rtmp is not installed (Debian: ${PACKAGES.join(' ')})`;
  }
  const code = await finish(
    spawn('apt-get', ['install', '-y', '--no-install-recommends', ...PACKAGES], {
      stdio: 'ignore',
      timeout: 110_000,
      // A package must not start servers on this machine.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    }),
  );
  return code === 0 && existsSync(MODULE) ? null : `apt-get install ${PACKAGES.join(' ')} ended with ${code}`;
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('A TCP server must have a port.');
  return address.port;
}

/** nginx-rtmp on a port of its own; it records what is published and takes keys that begin with "key". */
export class NginxRtmp {
  readonly rtmpPort: number;
  readonly #httpPort: number;
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(folder: string, rtmpPort: number, httpPort: number) {
    this.#folder = folder;
    this.rtmpPort = rtmpPort;
    this.#httpPort = httpPort;
  }

  static async make(): Promise<NginxRtmp> {
    const folder = await mkdtemp(join(tmpdir(), 'nginx-rtmp-'));
    const nginx = new NginxRtmp(folder, await freePort(), await freePort());
    await mkdir(join(folder, 'flv'));
    await writeFile(join(folder, 'nginx.conf'), nginx.#config());
    return nginx;
  }

  get url(): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}/live`;
  }

  /** What was published so far, one file a connection, in order of time. */
  async recordings(): Promise<string[]> {
    const names = await readdir(join(this.#folder, 'flv'));
    return names.sort().map((name) => join(this.#folder, 'flv', name));
  }

  async start(): Promise<void> {
    this.#child = spawn(NGINX, ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf')], {
      stdio: 'ignore',
    });
    for (let tries = 0; tries < 100; tries += 1) {
      if (await canConnect(this.rtmpPort)) return;
      await sleep(100);
    }
    throw new Error(`nginx must answer on port ${this.rtmpPort}; see ${this.#folder}/error.log.`);
  }

  /** Kills server and connections at once. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const gone = finish(child);
    child.kill('SIGKILL');
    await gone;
  }

  /** Stops the process, which keeps its sockets: it accepts nothing and reads nothing more. */
  freeze(frozen: boolean): void {
    this.#child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async dispose(): Promise<void> {
    this.freeze(false);
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** One process, so that a kill takes everything; its own files only. */
  #config(): string {
    const { rtmpPort } = this;
    const folder = this.#folder;
    return `load_module ${MODULE};
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
rtmp { server { listen 127.0.0.1:${rtmpPort}; chunk_size 4096;
  application live {
    live on; record all; record_path ${folder}/flv; record_unique off; record_suffix -%s.flv; record_max_size 64M;
    notify_method get; on_publish http://127.0.0.1:${this.#httpPort}/auth;
  } } }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${this.#httpPort}; location /auth { if ($arg_name !~ "^key") { return 403; } return 204; } } }
`;
  }
}

function finish(child: ChildProcess): Promise<number | string | null> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
