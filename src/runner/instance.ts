// What Setup, Call and Rest mean (wire-protocol 4.2, 4.3): one instance of the model's class, and every
// outcome as a status word or, where Python's server breaks, as a gRPC error. Knows nothing of sockets or
// threads: request bytes in, reply out. The lock that keeps calls apart is the server's.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Argument, KwArgument } from '../gen/commons_pb.ts';
import {
  CallRequestSchema,
  CallResponseSchema,
  RestResponseSchema,
  SetupRequestSchema,
  SetupResponseSchema,
} from '../gen/dynamic_subclass_pb.ts';
import { constructorParametersOf, type Parameters, parametersOf } from './parameters.ts';
import { decodeVariant, encodeResult } from './variant.ts';

export type Procedure = 'Setup' | 'Call' | 'Rest';

export type Reply =
  | { readonly bytes: Uint8Array }
  /** Ends as a gRPC error and not as a Status. */
  | { readonly error: 'UNKNOWN' | 'INTERNAL'; readonly details: string };

export interface InstanceOptions {
  /** The default export of the participant's file; rejects when it can't be loaded. */
  readonly load: () => Promise<unknown>;
  /** For the participant's own log: what was dropped, and what went wrong where. */
  readonly warn: (message: string) => void;
}

/** Answers one request at a time; the caller must not overlap them. Never rejects. */
export type Instance = (procedure: Procedure, request: Uint8Array) => Promise<Reply>;

export function createInstance({ load, warn }: InstanceOptions): Instance {
  let instance: Record<string, unknown> | undefined;
  let className = '';
  let methods = new Map<string, Parameters | null>();
  const warned = new Set<string>();

  return async (procedure, request) => {
    try {
      if (procedure === 'Setup') return await setup(request);
      if (procedure === 'Call') return await call(request);
      return rest();
    } catch (error) {
      // Ours are caught where they may happen; what reaches here is a request that is no message.
      return { error: 'INTERNAL', details: `Exception deserializing request! ${textOf(error)}` };
    }
  };

  async function setup(bytes: Uint8Array): Promise<Reply> {
    const request = fromBinary(SetupRequestSchema, bytes);
    if (instance) return setupReply('SUCCESS', 'Instance already exists');
    const wanted = request.className.trim();
    if (wanted === '') return setupReply('INVALID_ARGUMENT', 'class_name cannot be empty');
    // Python splits the name at its last dot into module and class.
    if (!wanted.includes('.')) return setupReply('SETUP_FAILED', `Class name "${wanted}" has no module: no dot in it`);
    let type: ModelClass;
    try {
      type = resolveClass(await load(), wanted);
    } catch (error) {
      warn(`Setup failed: ${textOf(error)}`);
      return setupReply('BAD_IMPLEMENTATION', textOf(error));
    }
    try {
      const parameters = constructorParametersOf(type);
      const given = decodeArguments(request.instanceArguments, request.instanceKwArguments);
      refuseSurplus('constructor', parameters, given.positional.length);
      for (const name of given.keywords.keys()) {
        if (parameters?.names.includes(name, given.positional.length)) continue;
        throw new TypeError(`constructor() got an unexpected keyword argument "${name}"`);
      }
      instance = new type(...placed(given, parameters)) as Record<string, unknown>;
      methods = new Map();
      className = type.name || 'default';
      return setupReply('SUCCESS', 'Instance created successfully');
    } catch (error) {
      warn(`Setup failed: ${traceOf(error)}`);
      return setupReply(isImportError(error) ? 'BAD_IMPLEMENTATION' : 'SETUP_FAILED', textOf(error));
    }
  }

  async function call(bytes: Uint8Array): Promise<Reply> {
    const request = fromBinary(CallRequestSchema, bytes);
    const name = request.methodName;
    if (!instance) return callReply('FAILED_PRECONDITION', 'Setup has not been called yet');
    if (name === '') return callReply('INVALID_ARGUMENT', 'methodName cannot be empty');
    try {
      const method = instance[name];
      // What every object inherits (toString, constructor, …) is nobody's model method.
      if (method === undefined || name === 'constructor' || method === Reflect.get(Object.prototype, name)) {
        return callReply('BAD_IMPLEMENTATION', `Method "${name}" not found in class "${className}"`);
      }
      if (typeof method !== 'function') {
        return { error: 'UNKNOWN', details: `Exception calling application: "${name}" is not a function` };
      }
      let parameters = methods.get(name);
      if (parameters === undefined) {
        parameters = parametersOf(method as (...args: never[]) => unknown);
        methods.set(name, parameters);
      }
      const given = decodeArguments(request.methodArguments, request.methodKwArguments);
      refuseSurplus(name, parameters, given.positional.length);
      const result: unknown = await method.apply(instance, placed(dropUnknown(given, parameters, name), parameters));
      const value = encodeResult(result);
      const status = { code: 'SUCCESS', message: '' };
      return { bytes: toBinary(CallResponseSchema, create(CallResponseSchema, { status, ...optional(value) })) };
    } catch (error) {
      warn(`"${name.slice(0, 100)}" failed: ${traceOf(error)}`);
      return callReply('MODEL_FAILED', `The model raised an exception: ${textOf(error)}`);
    }
  }

  function rest(): Reply {
    const message = instance ? 'Instance successfully reset' : 'No instance exists to reset';
    instance = undefined;
    methods = new Map();
    const status = { code: 'SUCCESS', message };
    return { bytes: toBinary(RestResponseSchema, create(RestResponseSchema, { status })) };
  }

  /** Leaves only keywords that name a parameter behind the positional ones; says once what it left out. */
  function dropUnknown(given: Given, parameters: Parameters | null, method: string): Given {
    const open = parameters?.names.slice(given.positional.length) ?? [];
    const unused = [...given.keywords.keys()].filter((name) => !open.includes(name));
    if (unused.length === 0) return given;
    const list = `${method}: ${unused.join(', ')}`;
    if (!warned.has(list)) {
      warned.add(list);
      if (warned.size > warnedMax) warned.delete(warned.values().next().value as string);
      warn(`Unused keyword arguments of ${list}`);
    }
    return { ...given, keywords: new Map([...given.keywords].filter(([name]) => open.includes(name))) };
  }
}

/** As many distinct lists of unused names as Python's runner remembers. */
const warnedMax = 100;

type ModelClass = new (...args: unknown[]) => object;

/**
 * The class that plays `className`. A file holds one model, so its default export is the one; a class
 * that does not want to be set up under every name lists those it takes in `static classNames`.
 */
function resolveClass(exported: unknown, className: string): ModelClass {
  if (typeof exported !== 'function' || exported.prototype === undefined) {
    throw new TypeError(`No class found for "${className}": the default export is ${nameOf(exported)}, wanted a class`);
  }
  const names: unknown = Reflect.get(exported, 'classNames');
  if (Array.isArray(names) && !names.includes(className)) {
    throw new TypeError(`No class found for "${className}": ${exported.name} takes ${names.join(', ')}`);
  }
  return exported as ModelClass;
}

interface Given {
  readonly positional: readonly unknown[];
  readonly keywords: ReadonlyMap<string, unknown>;
}

function decodeArguments(positional: readonly Argument[], keywords: readonly KwArgument[]): Given {
  return {
    positional: [...positional].sort((a, b) => a.position - b.position).map(({ data }) => decodeVariant(data)),
    keywords: new Map(keywords.map(({ keyword, data }) => [keyword, decodeVariant(data)])),
  };
}

/** JavaScript ignores surplus arguments; the contract makes them an error, and so the mistake visible. */
function refuseSurplus(name: string, parameters: Parameters | null, count: number): void {
  if (!parameters || parameters.open || count <= parameters.names.length) return;
  throw new TypeError(`${name}() takes ${parameters.names.length} positional arguments but ${count} were given`);
}

/** Positional arguments, then keywords in the places of their names; gaps stay undefined and so default. */
function placed({ positional, keywords }: Given, parameters: Parameters | null): unknown[] {
  const list = [...positional];
  for (const [name, value] of keywords) list[parameters?.names.indexOf(name, positional.length) ?? -1] = value;
  return list;
}

function optional(methodResponse: ReturnType<typeof encodeResult>) {
  return methodResponse === undefined ? {} : { methodResponse };
}

function setupReply(code: string, message: string): Reply {
  return { bytes: toBinary(SetupResponseSchema, create(SetupResponseSchema, { status: { code, message } })) };
}

function callReply(code: string, message: string): Reply {
  return { bytes: toBinary(CallResponseSchema, create(CallResponseSchema, { status: { code, message } })) };
}

function isImportError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /MODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_UNSUPPORTED_DIR_IMPORT/.test(code);
}

/** Long enough for any sentence; an exception may carry a text of any size. */
const textMax = 4096;

/** Words of whatever was thrown; never throws itself. */
function textOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return Buffer.from(text.slice(0, textMax)).toString(); // replaces half characters, which protobuf refuses
  } catch {
    return 'an exception that has no text';
  }
}

function traceOf(error: unknown): string {
  try {
    return error instanceof Error && error.stack ? error.stack.slice(0, textMax) : textOf(error);
  } catch {
    return textOf(error);
  }
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
