/** Threads of a workgroup, in every kernel. */
export const GROUP_SIZE = 256;
/** Most workgroups along one axis of a dispatch (the default limit of WebGPU). */
const MAX_GROUPS = 65_535;

/** Workgroups of a dispatch with at least so many threads. */
export function groupsFor(threads: number): [number, number] {
  const groups = Math.ceil(threads / GROUP_SIZE);
  const rows = Math.ceil(groups / MAX_GROUPS);
  return [Math.ceil(groups / rows), rows];
}

/**
 * A compute shader: `bindings` are storage buffers from 0 on, `body` is one thread's work,
 * numbered by `i`; `count` is how many threads have work.
 */
export function makeKernel(kernel: {
  bindings: readonly string[];
  count: string;
  body: string;
  functions?: string;
}): string {
  const bindings = kernel.bindings.map((binding, i) => {
    const access = binding.startsWith('out ') || binding.startsWith('shared ') ? 'read_write' : 'read';
    return `@group(0) @binding(${i}) var<storage, ${access}> ${binding.replace(/^(out|shared) /, '')};`;
  });
  return `${bindings.join('\n')}
${kernel.functions ?? ''}
@compute @workgroup_size(${GROUP_SIZE})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.x + id.y * groups.x * ${GROUP_SIZE}u;
  if (i >= ${kernel.count}) { return; }
  ${kernel.body}
}`;
}
