// Clients of what gRPC's own tools ask for: health, and reflection as grpcurl does it (list, then describe).
import { dirname, join } from 'node:path';
import {
  type Client,
  credentials,
  loadPackageDefinition,
  makeClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import { service as healthService } from 'grpc-health-check';

type Unary<Request, Reply> = (request: Request, answer: (error: ServiceError | null, reply: Reply) => void) => void;

export interface HealthClient {
  check(service: string): Promise<string>;
  close(): void;
}

export function healthOf(address: string): HealthClient {
  const HealthClientOf = makeClientConstructor(healthService, 'Health');
  const client = new HealthClientOf(address, credentials.createInsecure()) as unknown as Client & {
    check: Unary<{ service: string }, { status: string }>;
  };
  return {
    check: (service) =>
      new Promise((resolve, reject) => {
        client.check({ service }, (error, reply) => (error ? reject(error) : resolve(reply.status)));
      }),
    close: () => client.close(),
  };
}

interface ReflectionReply {
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly error_response?: { readonly error_message: string };
}

/** Tag and length of the first field, which a set of file descriptors repeats for each file. */
function asField({ length }: Buffer): Buffer {
  const head = [0x0a];
  for (let rest = length; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...head, rest]);
    head.push((rest & 0x7f) | 0x80);
  }
}

/** All services of a server, and the methods of one of them. */
export async function listServices(
  address: string,
  version: 'v1' | 'v1alpha',
  described: string,
): Promise<{ services: string[]; methods: string[] }> {
  const folder = join(dirname(require.resolve('@grpc/reflection/package.json')), 'build/proto');
  const proto = `grpc/reflection/${version}/reflection.proto`;
  const loaded = loadSync(proto, { includeDirs: [folder], keepCase: true, oneofs: true });
  const grpc = loadPackageDefinition(loaded) as unknown as {
    grpc: { reflection: Record<string, { ServerReflection: ReturnType<typeof makeClientConstructor> }> };
  };
  const Reflection = grpc.grpc.reflection[version]!.ServerReflection;
  const client = new Reflection(address, credentials.createInsecure());
  const ask = (request: object): Promise<ReflectionReply> =>
    new Promise((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(
        Reflection.service.ServerReflectionInfo!.path,
        Reflection.service.ServerReflectionInfo!.requestSerialize,
        Reflection.service.ServerReflectionInfo!.responseDeserialize as (bytes: Buffer) => ReflectionReply,
      );
      stream.on('data', (reply: ReflectionReply) => {
        resolve(reply);
        stream.end();
      });
      stream.on('error', reject);
      stream.write(request);
    });
  try {
    const { list_services_response: list } = await ask({ list_services: '' });
    const { file_descriptor_response: files } = await ask({ file_containing_symbol: described });
    const set = Buffer.concat((files?.file_descriptor_proto ?? []).flatMap((bytes) => [asField(bytes), bytes]));
    const methods = Object.keys(loadFileDescriptorSetFromBuffer(set)[described] ?? {});
    return { services: (list?.service ?? []).map(({ name }) => name), methods };
  } finally {
    client.close();
  }
}
