import { CstParser, EOF, tokenMatcher, type IToken, type ParserMethod, type CstNode, type TokenType } from 'chevrotain';
import { messages } from './expectations.js';
import * as token from './tokens.js';

const openers: readonly TokenType[] = [
  token.BraceOpen,
  token.GroupOpen,
  token.CallOpen,
  token.ListOpen,
  token.IndexOpen,
];
const closers: readonly TokenType[] = [token.BraceClose, token.GroupClose, token.ListClose];

/** Maximum number of recoveries per file; an error takes one to a few. */
const recoveryLimit = 1000;

type Rule = ParserMethod<[], CstNode>;

/**
 * The grammar, on tokens that `layout.ts` has prepared: brackets are balanced, one `Separator`
 * precedes each member and statement, and commas occur only inside brackets and between `for` clauses.
 * Infix operators stay in one flat list that `precedence.ts` ranks: fewer rules nest, so deep brackets need less stack.
 */
export class UnetParser extends CstParser {
  /** @param validated whether to validate the grammar itself, which is slow and done in a test */
  constructor(validated = false) {
    super(token.vocabulary, {
      recoveryEnabled: true,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: messages,
      maxLookahead: 2,
      skipValidations: !validated,
    });
    this.performSelfAnalysis();
  }

  /** file = { SEPARATOR statement } */
  readonly file: Rule = this.RULE('file', () => {
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.statement);
    });
  });

  /** statement = use | block | model | protocol | study */
  readonly statement: Rule = this.RULE('statement', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.protocol) },
      { ALT: () => this.SUBRULE(this.study) },
    ]);
  });

  /** use = "use" STRING */
  readonly use: Rule = this.RULE('use', () => {
    this.CONSUME(token.Use);
    this.CONSUME(token.StringLiteral);
  });

  /** block = "block" name [ parameters ] "{" { SEPARATOR blockMember } "}" */
  readonly block: Rule = this.RULE('block', () => {
    this.CONSUME(token.Block);
    this.SUBRULE(this.name);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.blockMember);
    });
    this.CONSUME(token.BraceClose);
  });

  /** parameters = "(" [ parameter { "," parameter } ] ")" */
  readonly parameters: Rule = this.RULE('parameters', () => {
    this.CONSUME(token.CallOpen);
    this.MANY_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.parameter) });
    this.CONSUME(token.GroupClose);
  });

  /** parameter = name ":" type [ "=" expression ] */
  readonly parameter: Rule = this.RULE('parameter', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(token.Equals);
      this.SUBRULE(this.expression);
    });
  });

  /** type = name [ "(" type { "," type } ")" ] */
  readonly type: Rule = this.RULE('type', () => {
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.CONSUME(token.CallOpen);
      this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.type) });
      this.CONSUME(token.GroupClose);
    });
  });

  /** blockMember = param | let | tensor | expression */
  readonly blockMember: Rule = this.RULE('blockMember', () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.param) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.tensor) },
      { ALT: () => this.SUBRULE(this.expression) },
    ]);
  });

  /** tensor = name ":" list */
  readonly tensor: Rule = this.RULE('tensor', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.list);
  });

  /** param = "param" name ":" expression "=" expression [ "fallback" ] */
  readonly param: Rule = this.RULE('param', () => {
    this.CONSUME(token.Param);
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression, { LABEL: 'shape' });
    this.CONSUME(token.Equals);
    this.SUBRULE2(this.expression, { LABEL: 'value' });
    this.OPTION(() => this.CONSUME(token.Fallback));
  });

  /** let = "let" name [ "[" expression { "," expression } "]" ] "=" expression [ clauses ] */
  readonly let: Rule = this.RULE('let', () => {
    this.CONSUME(token.Let);
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.CONSUME(token.IndexOpen);
      this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.expression, { LABEL: 'index' }) });
      this.CONSUME(token.ListClose);
    });
    this.CONSUME(token.Equals);
    this.SUBRULE2(this.expression, { LABEL: 'value' });
    this.OPTION2(() => this.SUBRULE(this.clauses));
  });

  /** clauses = "for" clause { "," clause } */
  readonly clauses: Rule = this.RULE('clauses', () => {
    this.CONSUME(token.For);
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.clause) });
  });

  /** clause = name "in" expression */
  readonly clause: Rule = this.RULE('clause', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.In);
    this.SUBRULE(this.expression);
  });

  /** model = "model" name ( modelBody | "=" variant ) */
  readonly model: Rule = this.RULE('model', () => {
    this.CONSUME(token.Model);
    this.SUBRULE(this.name);
    this.OR([{ ALT: () => this.SUBRULE(this.variant) }, { ALT: () => this.SUBRULE(this.modelBody) }]);
  });

  /** variant = "=" name "{" { SEPARATOR variantMember } "}" */
  readonly variant: Rule = this.RULE('variant', () => {
    this.CONSUME(token.Equals);
    this.SUBRULE(this.name);
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.variantMember);
    });
    this.CONSUME(token.BraceClose);
  });

  /** variantMember = inputMember | outputMember | assignment; `input` directly before `=` is the name of a knob. */
  readonly variantMember: Rule = this.RULE('variantMember', () => {
    const isKeyword = (): boolean => !tokenMatcher(this.LA(2), token.Equals);
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.inputMember) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.outputMember) },
        { ALT: () => this.SUBRULE(this.assignment) },
      ],
    });
  });

  /** modelBody = "{" { SEPARATOR modelMember } "}" */
  readonly modelBody: Rule = this.RULE('modelBody', () => {
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.modelMember);
    });
    this.CONSUME(token.BraceClose);
  });

  /**
   * modelMember = inputMember | outputMember | knob | half | head | auxOutput | penalty | init | let | assignment
   * A keyword directly before `=` is the name of an output.
   */
  readonly modelMember: Rule = this.RULE('modelMember', () => {
    const isKeyword = (): boolean => !tokenMatcher(this.LA(2), token.Equals);
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.inputMember) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.outputMember) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.knob) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.half) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.head) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.auxOutput) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.penalty) },
        { GATE: isKeyword, ALT: () => this.SUBRULE(this.init) },
        { ALT: () => this.SUBRULE(this.let) },
        { ALT: () => this.SUBRULE(this.assignment) },
      ],
    });
  });

  /** inputMember = "input" name ":" expression */
  readonly inputMember: Rule = this.RULE('inputMember', () => {
    this.CONSUME(token.Input);
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** outputMember = "output" name ":" expression */
  readonly outputMember: Rule = this.RULE('outputMember', () => {
    this.CONSUME(token.Output);
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** knob = "knob" name ":" type "=" expression [ "off" expression ] */
  readonly knob: Rule = this.RULE('knob', () => {
    this.CONSUME(token.Knob);
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.type);
    this.CONSUME(token.Equals);
    this.SUBRULE(this.expression, { LABEL: 'value' });
    this.OPTION(() => {
      this.CONSUME(token.Off);
      this.SUBRULE2(this.expression, { LABEL: 'off' });
    });
  });

  /** half = ( "encoder" | "decoder" ) "{" { SEPARATOR halfMember } "}" */
  readonly half: Rule = this.RULE('half', () => {
    this.OR([{ ALT: () => this.CONSUME(token.Encoder) }, { ALT: () => this.CONSUME(token.Decoder) }]);
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.halfMember);
    });
    this.CONSUME(token.BraceClose);
  });

  /** halfMember = auxPart | part; `aux` directly before `:` or `(` is a part's name. */
  readonly halfMember: Rule = this.RULE('halfMember', () => {
    const isKeyword = (): boolean =>
      !tokenMatcher(this.LA(2), token.Colon) && !tokenMatcher(this.LA(2), token.CallOpen);
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [{ GATE: isKeyword, ALT: () => this.SUBRULE(this.auxPart) }, { ALT: () => this.SUBRULE(this.part) }],
    });
  });

  /** part = name [ names ] ":" expression */
  readonly part: Rule = this.RULE('part', () => {
    this.SUBRULE(this.name);
    this.OPTION(() => this.SUBRULE(this.names));
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** names = "(" [ name { "," name } ] ")" */
  readonly names: Rule = this.RULE('names', () => {
    this.CONSUME(token.CallOpen);
    this.MANY_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.name) });
    this.CONSUME(token.GroupClose);
  });

  /** auxPart = "aux" name [ names ] [ "when" operation ] ":" expression */
  readonly auxPart: Rule = this.RULE('auxPart', () => {
    this.CONSUME(token.Aux);
    this.SUBRULE(this.name);
    this.OPTION(() => this.SUBRULE(this.names));
    this.OPTION2(() => {
      this.CONSUME(token.When);
      this.SUBRULE(this.operation);
    });
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** auxOutput = "aux" name [ "when" operation ] "=" expression [ clauses ] */
  readonly auxOutput: Rule = this.RULE('auxOutput', () => {
    this.CONSUME(token.Aux);
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.CONSUME(token.When);
      this.SUBRULE(this.operation);
    });
    this.CONSUME(token.Equals);
    this.SUBRULE(this.expression);
    this.OPTION2(() => this.SUBRULE(this.clauses));
  });

  /** penalty = "penalty" name [ "when" operation ] "=" expression */
  readonly penalty: Rule = this.RULE('penalty', () => {
    this.CONSUME(token.Penalty);
    this.SUBRULE(this.name);
    this.OPTION(() => {
      this.CONSUME(token.When);
      this.SUBRULE(this.operation);
    });
    this.CONSUME(token.Equals);
    this.SUBRULE(this.expression);
  });

  /** head = "head" name ":" expression */
  readonly head: Rule = this.RULE('head', () => {
    this.CONSUME(token.Head);
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** init = "init" entries */
  readonly init: Rule = this.RULE('init', () => {
    this.CONSUME(token.Init);
    this.SUBRULE(this.entries);
  });

  /** protocol = "protocol" name entries */
  readonly protocol: Rule = this.RULE('protocol', () => {
    this.CONSUME(token.Protocol);
    this.SUBRULE(this.name);
    this.SUBRULE(this.entries);
  });

  /** entries = "{" { SEPARATOR entry } "}" */
  readonly entries: Rule = this.RULE('entries', () => {
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.entry);
    });
    this.CONSUME(token.BraceClose);
  });

  /** entry = name ":" expression */
  readonly entry: Rule = this.RULE('entry', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.SUBRULE(this.expression);
  });

  /** study = "study" name "{" { SEPARATOR studyEntry } "}" */
  readonly study: Rule = this.RULE('study', () => {
    this.CONSUME(token.Study);
    this.SUBRULE(this.name);
    this.CONSUME(token.BraceOpen);
    this.MANY(() => {
      this.CONSUME(token.Separator);
      this.SUBRULE(this.studyEntry);
    });
    this.CONSUME(token.BraceClose);
  });

  /** studyEntry = name ":" ( entrants | entrant ) */
  readonly studyEntry: Rule = this.RULE('studyEntry', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.Colon);
    this.OR([
      { GATE: () => this.LA(1).tokenType === token.ListOpen, ALT: () => this.SUBRULE(this.entrants) },
      { GATE: () => this.LA(1).tokenType !== token.ListOpen, ALT: () => this.SUBRULE(this.entrant) },
    ]);
  });

  /** entrants = "[" [ entrant { "," entrant } ] "]" */
  readonly entrants: Rule = this.RULE('entrants', () => {
    this.CONSUME(token.ListOpen);
    this.MANY_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.entrant) });
    this.CONSUME(token.ListClose);
  });

  /** entrant = expression [ "unmatched" STRING ] [ "equal" name "by" name ] */
  readonly entrant: Rule = this.RULE('entrant', () => {
    this.SUBRULE(this.expression);
    this.OPTION(() => {
      this.CONSUME(token.Unmatched);
      this.CONSUME(token.StringLiteral);
    });
    this.OPTION2(() => {
      this.CONSUME(token.Equal);
      this.SUBRULE(this.name, { LABEL: 'measure' });
      this.CONSUME(token.By);
      this.SUBRULE2(this.name, { LABEL: 'knob' });
    });
  });

  /** assignment = name "=" expression */
  readonly assignment: Rule = this.RULE('assignment', () => {
    this.SUBRULE(this.name);
    this.CONSUME(token.Equals);
    this.SUBRULE(this.expression);
  });

  /** name = IDENTIFIER | QUOTED_NAME */
  readonly name: Rule = this.RULE('name', () => {
    this.OR([{ ALT: () => this.CONSUME(token.Identifier) }, { ALT: () => this.CONSUME(token.QuotedName) }]);
  });

  /** expression = conditional | pipe */
  readonly expression: Rule = this.RULE('expression', () => {
    this.OR([{ ALT: () => this.SUBRULE(this.conditional) }, { ALT: () => this.SUBRULE(this.pipe) }]);
  });

  /** conditional = "if" expression "then" expression "else" expression */
  readonly conditional: Rule = this.RULE('conditional', () => {
    this.CONSUME(token.If);
    this.SUBRULE(this.expression, { LABEL: 'condition' });
    this.CONSUME(token.Then);
    this.SUBRULE2(this.expression, { LABEL: 'then' });
    this.CONSUME(token.Else);
    this.SUBRULE3(this.expression, { LABEL: 'otherwise' });
  });

  /** pipe = range { step } */
  readonly pipe: Rule = this.RULE('pipe', () => {
    this.SUBRULE(this.range);
    this.MANY(() => this.SUBRULE(this.step));
  });

  /** step = "->" postfix [ "when" operation ] [ "as" name ] */
  readonly step: Rule = this.RULE('step', () => {
    this.CONSUME(token.Arrow);
    this.SUBRULE(this.postfix);
    this.OPTION(() => {
      this.CONSUME(token.When);
      this.SUBRULE(this.operation);
    });
    this.OPTION2(() => {
      this.CONSUME(token.As);
      this.SUBRULE(this.name);
    });
  });

  /** range = operation [ ".." operation ] */
  readonly range: Rule = this.RULE('range', () => {
    this.SUBRULE(this.operation, { LABEL: 'from' });
    this.OPTION(() => {
      this.CONSUME(token.DotDot);
      this.SUBRULE2(this.operation, { LABEL: 'to' });
    });
  });

  /** operation = operand { INFIX operand }, ranked by `precedence.ts` */
  readonly operation: Rule = this.RULE('operation', () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.CONSUME(token.Infix);
      this.SUBRULE2(this.operand);
    });
  });

  /** operand = { "-" | "not" } postfix */
  readonly operand: Rule = this.RULE('operand', () => {
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(token.Minus, { LABEL: 'prefix' }) },
        { ALT: () => this.CONSUME(token.Not, { LABEL: 'prefix' }) },
      ]);
    });
    this.SUBRULE(this.postfix);
  });

  /** postfix = primary { suffix } */
  readonly postfix: Rule = this.RULE('postfix', () => {
    this.SUBRULE(this.primary);
    this.MANY(() => this.SUBRULE(this.suffix));
  });

  /** suffix = call | index | "." name */
  readonly suffix: Rule = this.RULE('suffix', () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(token.CallOpen);
          this.SUBRULE(this.elements);
          this.CONSUME(token.GroupClose);
        },
      },
      {
        ALT: () => {
          this.CONSUME(token.IndexOpen);
          this.SUBRULE2(this.elements);
          this.CONSUME(token.ListClose);
        },
      },
      {
        ALT: () => {
          this.CONSUME(token.Dot);
          this.SUBRULE(this.name);
        },
      },
    ]);
  });

  /** primary = NUMBER | STRING | "true" | "false" | "off" | name | list | group */
  readonly primary: Rule = this.RULE('primary', () => {
    this.OR([
      { ALT: () => this.CONSUME(token.IntegerLiteral) },
      { ALT: () => this.CONSUME(token.FloatLiteral) },
      { ALT: () => this.CONSUME(token.StringLiteral) },
      { ALT: () => this.CONSUME(token.True) },
      { ALT: () => this.CONSUME(token.False) },
      { ALT: () => this.CONSUME(token.Off) },
      { ALT: () => this.CONSUME(token.Identifier) },
      { ALT: () => this.CONSUME(token.QuotedName) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.group) },
    ]);
  });

  /** list = "[" elements [ clauses ] "]" */
  readonly list: Rule = this.RULE('list', () => {
    this.CONSUME(token.ListOpen);
    this.SUBRULE(this.elements);
    this.OPTION(() => this.SUBRULE(this.clauses));
    this.CONSUME(token.ListClose);
  });

  /** group = "(" expression { "," expression } ")"; one expression is itself, several are a tuple */
  readonly group: Rule = this.RULE('group', () => {
    this.CONSUME(token.GroupOpen);
    this.AT_LEAST_ONE_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(token.GroupClose);
  });

  /** elements = [ element { "," element } ] */
  readonly elements: Rule = this.RULE('elements', () => {
    this.MANY_SEP({ SEP: token.Comma, DEF: () => this.SUBRULE(this.element) });
  });

  /** element = name ( ":" | "=" ) expression | [ "..." ] expression */
  readonly element: Rule = this.RULE('element', () => {
    this.OR([
      {
        ALT: () => {
          this.SUBRULE(this.name);
          this.OR2([{ ALT: () => this.CONSUME(token.Colon) }, { ALT: () => this.CONSUME(token.Equals) }]);
          this.SUBRULE(this.expression);
        },
      },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(token.Spread));
          this.SUBRULE2(this.expression);
        },
      },
    ]);
  });

  /** Recovery looks for a place to continue in the bracket that contains the error, never inside a later bracket. */
  protected findReSyncTokenType(): TokenType {
    this.recoveries++;
    if (this.givesUp()) return EOF;
    const follows = (this as unknown as { flattenFollowSet(): TokenType[] }).flattenFollowSet();
    let depth = 0;
    for (let ahead = 1; ; ahead++) {
      const next = this.LA(ahead);
      const match = depth === 0 ? follows.find((type) => tokenMatcher(next, type)) : undefined;
      if (match !== undefined) return match;
      if (tokenMatcher(next, EOF)) return EOF;
      if (openers.includes(next.tokenType)) depth++;
      if (closers.includes(next.tokenType)) depth = Math.max(0, depth - 1);
    }
  }

  /** Recoveries of this text so far. */
  private recoveries = 0;

  /** Takes the tokens of the next text. */
  begin(tokens: readonly IToken[]): void {
    this.input = [...tokens];
    this.recoveries = 0;
  }

  /** After this number of errors, each of which takes time, the rest of the file is skipped. */
  private givesUp(): boolean {
    return this.recoveries > recoveryLimit;
  }

  /** Brackets are balanced before parsing, so that one more would only unbalance them. */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    this.recoveries++;
    return !this.givesUp() && !openers.includes(type) && !closers.includes(type);
  }

  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return !this.givesUp();
  }

  /** Skips a token, with an opening bracket all that it holds. */
  protected override SKIP_TOKEN(): IToken {
    let depth = 0;
    for (;;) {
      const skipped = this.LA(1);
      if (openers.includes(skipped.tokenType)) depth++;
      if (closers.includes(skipped.tokenType)) depth--;
      const next = super.SKIP_TOKEN();
      if (depth <= 0 || tokenMatcher(next, EOF)) return next;
    }
  }
}

/** The one parser: making it analyses the grammar, which is slow; `parse` gives it new tokens each time. */
export const parser = new UnetParser();
