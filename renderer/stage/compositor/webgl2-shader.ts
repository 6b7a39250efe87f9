/** The layer's rectangle, one pixel larger on each side for its antialiased edge. */
export const VERTEX_SHADER = `#version 300 es
uniform vec4 quad[4];
out vec2 local;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  local = corner * (quad[0].zw + 1.0);
  vec2 turn = quad[1].xy;
  vec2 at = quad[0].xy + vec2(local.x * turn.x - local.y * turn.y, local.x * turn.y + local.y * turn.x);
  gl_Position = vec4(at.x / quad[1].z * 2.0 - 1.0, 1.0 - at.y / quad[1].w * 2.0, 0.0, 1.0);
}`;

/**
 * Gives the premultiplied colour for the output merger, or the blended colour itself where
 * the backdrop is read. `Cs`, `Cb`: W3C Compositing and Blending Level 1, section 10.
 */
export const FRAGMENT_SHADER = `#version 300 es
precision highp float;
uniform vec4 quad[4];
uniform sampler2D picture;
uniform sampler2D backdrop;
in vec2 local;
out vec4 result;
vec3 hardLight(vec3 base, vec3 top) {
  return mix(2.0 * base * top, 1.0 - 2.0 * (1.0 - base) * (1.0 - top), step(0.5, top));
}
void main() {
  vec2 edge = clamp(quad[0].zw - abs(local) + 0.5, 0.0, 1.0);
  vec2 texel = quad[2].xy + (local / quad[0].zw * 0.5 + 0.5) * quad[2].zw;
  vec2 margin = min(vec2(0.5), quad[2].zw * 0.5);
  texel = clamp(texel, quad[2].xy + margin, quad[2].xy + quad[2].zw - margin);
  vec4 colour = texture(picture, texel / quad[3].xy) * (quad[3].z * edge.x * edge.y);
  int mode = int(quad[3].w);
  if (mode == 0) {
    result = colour;
    return;
  }
  vec3 cb = texelFetch(backdrop, ivec2(gl_FragCoord.xy), 0).rgb;
  vec3 cs = colour.a > 0.0 ? clamp(colour.rgb / colour.a, 0.0, 1.0) : vec3(0.0);
  vec3 blended = mode == 1 ? hardLight(cs, cb) : mode == 2 ? max(cb, cs) : min(cb, cs);
  result = vec4(mix(cb, blended, colour.a), 1.0);
}`;
