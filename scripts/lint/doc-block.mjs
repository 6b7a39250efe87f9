/**
 * Lint rule: an exported function, class or constant carries a doc block. Types are left
 * out, because their fields speak; so is a const that is a schema's name for itself.
 */
export const docBlock = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      missing: 'Exported "{{name}}" needs a doc block: its purpose, units, and the errors it throws.',
    },
  },
  create(context) {
    return {
      ExportNamedDeclaration(node) {
        const name = documentedName(node.declaration);
        if (name === null) return;
        const before = context.sourceCode.getCommentsBefore(node).at(-1);
        if (before?.type === 'Block' && before.value.startsWith('*')) return;
        context.report({ node, messageId: 'missing', data: { name } });
      },
    };
  },
};

function documentedName(declaration) {
  if (declaration?.type === 'FunctionDeclaration' || declaration?.type === 'ClassDeclaration') {
    return declaration.id.name;
  }
  if (declaration?.type !== 'VariableDeclaration') return null;
  const { id, init } = declaration.declarations[0];
  // upper-case and schema constants are data whose name says what they are
  const isData = id.type !== 'Identifier' || /^[A-Z]/.test(id.name);
  const isFunction = init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression';
  return isData && !isFunction ? null : id.name;
}
