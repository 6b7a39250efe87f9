import type { BlendMode } from '../../../contract/project';
import type { Size } from '../geometry';
import type { Picture } from '../picture';
import type { Compositor, CompositorChoice, DrawItem } from './compositor';
import { backdropMode, quadFloats } from './quad';
import { FRAGMENT_SHADER, VERTEX_SHADER } from './webgl2-shader';

type Slot = { texture: WebGLTexture; version: number };

/** The compositor on WebGL 2: one textured rectangle a layer. */
export class WebGl2Compositor implements Compositor {
  readonly backend = 'webgl2';
  readonly #canvas = new OffscreenCanvas(1280, 720);
  readonly #gl: WebGL2RenderingContext;
  readonly #quad: WebGLUniformLocation;
  readonly #slots: Slot[] = [];
  readonly #backdrop: WebGLTexture;
  #backdropSize: Size = { width: 0, height: 0 };
  readonly #onLost: (event: Event) => void;

  /** @throws Error when the context or its shaders cannot be made. */
  constructor(onLost: (reason: string) => void) {
    this.#onLost = (event) => {
      event.preventDefault();
      onLost('the WebGL context was lost');
    };
    this.#canvas.addEventListener('webglcontextlost', this.#onLost);
    const gl = this.#canvas.getContext('webgl2', {
      alpha: false,
      antialias: false,
      depth: false,
      // The picture is taken from the canvas after the drawing task has ended.
      preserveDrawingBuffer: true,
      powerPreference: 'high-performance',
    });
    if (gl === null) throw new Error('WebGL 2 is not available.');
    this.#gl = gl;
    const program = link(gl);
    gl.useProgram(program);
    const quad = gl.getUniformLocation(program, 'quad');
    if (quad === null) throw new Error('The compositor shader has no quad.');
    this.#quad = quad;
    gl.uniform1i(gl.getUniformLocation(program, 'picture'), 0);
    gl.uniform1i(gl.getUniformLocation(program, 'backdrop'), 1);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.bindVertexArray(gl.createVertexArray());
    this.#backdrop = makeTexture(gl, 1, gl.NEAREST);
    gl.enable(gl.BLEND);
  }

  draw(items: readonly DrawItem[], size: Size): Promise<OffscreenCanvas> {
    const gl = this.#gl;
    if (gl.isContextLost()) return Promise.reject(new Error('the WebGL context is lost'));
    if (this.#canvas.width !== size.width || this.#canvas.height !== size.height) {
      this.#canvas.width = size.width;
      this.#canvas.height = size.height;
    }
    gl.viewport(0, 0, size.width, size.height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    items.forEach((item, index) => this.#drawItem(item, index, size));
    for (const spare of this.#slots.splice(items.length)) gl.deleteTexture(spare.texture);
    return Promise.resolve(this.#canvas);
  }

  dispose(): void {
    this.#canvas.removeEventListener('webglcontextlost', this.#onLost);
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #drawItem(item: DrawItem, index: number, size: Size): void {
    const gl = this.#gl;
    if (backdropMode(item.blend) !== 0) this.#copyBackdrop(size);
    this.#upload(item.picture, index);
    setBlending(gl, item.blend);
    gl.uniform4fv(this.#quad, quadFloats(item, size));
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #upload(picture: Picture, index: number): void {
    const gl = this.#gl;
    const slot = (this.#slots[index] ??= { texture: makeTexture(gl, 0, gl.LINEAR), version: -1 });
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, slot.texture);
    if (slot.version === picture.version) return;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture.image);
    slot.version = picture.version;
  }

  #copyBackdrop(size: Size): void {
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#backdrop);
    if (this.#backdropSize.width !== size.width || this.#backdropSize.height !== size.height) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, size.width, size.height, 0, gl.RGB, gl.UNSIGNED_BYTE, null);
      this.#backdropSize = { width: size.width, height: size.height };
    }
    gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, 0, 0, 0, 0, size.width, size.height);
  }
}

/** How a premultiplied colour is merged; modes that read the backdrop replace what is there. */
function setBlending(gl: WebGL2RenderingContext, blend: BlendMode): void {
  if (blend === 'normal') gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  else if (blend === 'add') gl.blendFunc(gl.ONE, gl.ONE);
  else if (blend === 'screen') gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_COLOR);
  else if (blend === 'multiply') gl.blendFunc(gl.DST_COLOR, gl.ONE_MINUS_SRC_ALPHA);
  else gl.blendFunc(gl.ONE, gl.ZERO);
}

function makeTexture(gl: WebGL2RenderingContext, unit: number, filter: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX_SHADER],
    [gl.FRAGMENT_SHADER, FRAGMENT_SHADER],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error('A WebGL shader could not be made.');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    throw new Error(
      `The compositor shader does not link: ${gl.getProgramInfoLog(program) ?? 'no reason given'}`,
    );
  }
  return program;
}

/** WebGL 2, wherever there is one; on a software GPU it works and loses to Canvas2D. */
export const WEBGL2: CompositorChoice = {
  backend: 'webgl2',
  label: 'webgl2',
  create: (onLost) => Promise.resolve(new WebGl2Compositor(onLost)),
};
