/** The WebGPU twin of the WebGL shaders; see there. */
export const WGSL = /* wgsl */ `
@group(0) @binding(0) var<uniform> quad: array<vec4f, 4>;
@group(0) @binding(1) var filtering: sampler;
@group(0) @binding(2) var picture: texture_2d<f32>;
@group(0) @binding(3) var backdrop: texture_2d<f32>;

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) local: vec2f,
}

@vertex fn corner(@builtin(vertex_index) index: u32) -> Corner {
  let sign = vec2f(f32(index & 1u), f32(index >> 1u)) * 2.0 - 1.0;
  let local = sign * (quad[0].zw + 1.0);
  let turn = quad[1].xy;
  let at = quad[0].xy + vec2f(local.x * turn.x - local.y * turn.y, local.x * turn.y + local.y * turn.x);
  return Corner(vec4f(at.x / quad[1].z * 2.0 - 1.0, 1.0 - at.y / quad[1].w * 2.0, 0.0, 1.0), local);
}

fn layerColour(local: vec2f) -> vec4f {
  let edge = clamp(quad[0].zw - abs(local) + 0.5, vec2f(0.0), vec2f(1.0));
  let margin = min(vec2f(0.5), quad[2].zw * 0.5);
  let free = quad[2].xy + (local / quad[0].zw * 0.5 + 0.5) * quad[2].zw;
  let texel = clamp(free, quad[2].xy + margin, quad[2].xy + quad[2].zw - margin);
  return textureSampleLevel(picture, filtering, texel / quad[3].xy, 0.0) * (quad[3].z * edge.x * edge.y);
}

@fragment fn merged(at: Corner) -> @location(0) vec4f {
  return layerColour(at.local);
}

@fragment fn blended(at: Corner) -> @location(0) vec4f {
  let colour = layerColour(at.local);
  let cb = textureLoad(backdrop, vec2u(at.position.xy), 0).rgb;
  let cs = select(vec3f(0.0), clamp(colour.rgb / colour.a, vec3f(0.0), vec3f(1.0)), colour.a > 0.0);
  let hard = select(1.0 - 2.0 * (1.0 - cb) * (1.0 - cs), 2.0 * cb * cs, cb < vec3f(0.5));
  let mode = quad[3].w;
  let mixed = select(select(min(cb, cs), max(cb, cs), mode == 2.0), hard, mode == 1.0);
  return vec4f(mix(cb, mixed, colour.a), 1.0);
}
`;
