// Asks a runner's health over one HTTP/2 connection. The request and the answer are a few fixed bytes, so
// the orchestrator needs no gRPC library.

import { connect } from 'node:http2';

/** Whether the server at `host:port` says SERVING before `timeoutMs` are over. Never rejects. */
export async function isServing(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const session = connect(`http://${authority}`);
  const timer = setTimeout(() => session.destroy(), timeoutMs);
  try {
    return await new Promise<boolean>((resolve) => {
      session.once('error', () => resolve(false));
      session.once('close', () => resolve(false));
      const stream = session.request({
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Check',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', () => resolve(false));
      stream.once('close', () => resolve(Buffer.concat(chunks).equals(serving)));
      stream.end(emptyMessage);
    });
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}

/** A frame that is not compressed and 0 bytes long: HealthCheckRequest of service "". */
const emptyMessage = Buffer.from('0000000000', 'hex');

/** A frame of 2 bytes: HealthCheckResponse with status (field 1) SERVING (1). */
const serving = Buffer.from('00000000020801', 'hex');
