// The standard health service (grpc.health.v1). The server as a whole, service "", is SERVING from its
// start to its end, as in the existing runner; there is no other.

import { create, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import {
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import {
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from '../gen/health_pb.ts';

export const healthService: {
  readonly definition: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
} = {
  definition: { Check: procedure('Check', false), Watch: procedure('Watch', true) },
  handlers: {
    Check(
      call: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
      callback: sendUnaryData<HealthCheckResponse>,
    ) {
      if (call.request.service === '') return callback(null, response(ServingStatus.SERVING));
      callback({ code: status.NOT_FOUND, details: `Service "${call.request.service}" is not known here` });
    },
    /** Says the state once and stays open: it never changes. */
    Watch(call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>) {
      const isKnown = call.request.service === '';
      call.write(response(isKnown ? ServingStatus.SERVING : ServingStatus.SERVICE_UNKNOWN));
    },
  },
};

function response(servingStatus: ServingStatus): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status: servingStatus });
}

function procedure(name: string, responseStream: boolean) {
  return {
    path: `/grpc.health.v1.Health/${name}`,
    requestStream: false,
    responseStream,
    ...serializers('request', HealthCheckRequestSchema),
    ...serializers('response', HealthCheckResponseSchema),
  };
}

function serializers<Name extends 'request' | 'response', M extends Message>(name: Name, schema: GenMessage<M>) {
  return {
    [`${name}Serialize`]: (message: M) => Buffer.from(toBinary(schema, message)),
    [`${name}Deserialize`]: (bytes: Buffer) => fromBinary(schema, bytes),
  } as Record<`${Name}Serialize`, (message: M) => Buffer> & Record<`${Name}Deserialize`, (bytes: Buffer) => M>;
}
