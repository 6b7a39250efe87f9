/**
 * Bit flags of the WebGPU specification, by name. The global objects that hold them are
 * missing from TypeScript's DOM library.
 */
export const TextureUsage = { copySrc: 0x01, copyDst: 0x02, binding: 0x04, attachment: 0x10 } as const;
export const BufferUsage = { mapRead: 0x01, copyDst: 0x08, uniform: 0x40 } as const;
export const MapMode = { read: 0x01 } as const;
export const ShaderStage = { vertex: 0x01, fragment: 0x02 } as const;
