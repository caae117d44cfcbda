//! Reads the pickle of a plain PyTorch state dict, and nothing else.
//!
//! A pickle is a program for a stack machine that may call any Python function. Here the machine
//! knows the few instructions and the four names that a state dict needs; every other name or
//! instruction is an error, and nothing is executed. Containers live in one arena and refer to each
//! other by index, so neither nesting nor sharing costs more than the file is long.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Instructions of a state dict with 100,000 tensors; a limit against endless files.
const MAX_INSTRUCTIONS: usize = 5_000_000;

/// The type of a storage's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StorageType {
    Float,
    Half,
    Bfloat16,
    Double,
    Long,
    Int,
}

impl StorageType {
    fn from_name(name: &str) -> Option<StorageType> {
        Some(match name {
            "FloatStorage" => StorageType::Float,
            "HalfStorage" => StorageType::Half,
            "BFloat16Storage" => StorageType::Bfloat16,
            "DoubleStorage" => StorageType::Double,
            "LongStorage" => StorageType::Long,
            "IntStorage" => StorageType::Int,
            _ => return None,
        })
    }

    /// Bytes of one value.
    pub(super) fn bytes(self) -> usize {
        match self {
            StorageType::Half | StorageType::Bfloat16 => 2,
            StorageType::Float | StorageType::Int => 4,
            StorageType::Double | StorageType::Long => 8,
        }
    }
}

/// A tensor as the pickle describes it: a view of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TensorView {
    /// The storage's file name below `data/`.
    pub(super) storage: Rc<str>,
    pub(super) storage_type: StorageType,
    /// The first value, counted in values.
    pub(super) offset: usize,
    pub(super) dims: Vec<usize>,
}

/// The tensors of a state dict by name. The error is a reason to be put after the file's name.
pub(super) fn state_dict(pickle: &[u8]) -> Result<BTreeMap<String, TensorView>, String> {
    let mut machine = Machine::new(pickle);
    let top = machine.run()?;
    machine.tensors_of(&top)
}

#[derive(Debug, Clone)]
enum Value {
    None,
    Bool,
    Int(i64),
    Float,
    Text(Rc<str>),
    Tuple(usize),
    List,
    Dict(usize),
    Callable(Callable),
    StorageKind(StorageType),
    Storage { key: Rc<str>, storage_type: StorageType },
    Tensor(usize),
}

/// The functions that a state dict may name; they are recognised, not called.
#[derive(Debug, Clone, Copy)]
enum Callable {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
}

struct Machine<'p> {
    pickle: &'p [u8],
    at: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: BTreeMap<u32, Value>,
    tuples: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    tensors: Vec<TensorView>,
}

impl<'p> Machine<'p> {
    fn new(pickle: &'p [u8]) -> Machine<'p> {
        Machine {
            pickle,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: BTreeMap::new(),
            tuples: Vec::new(),
            dicts: Vec::new(),
            tensors: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<Value, String> {
        for _ in 0..MAX_INSTRUCTIONS {
            let instruction = self.take_byte()?;
            if instruction == b'.' {
                return self.pop();
            }
            self.step(instruction)?;
        }
        Err("its pickle does not end".to_owned())
    }

    fn step(&mut self, instruction: u8) -> Result<(), String> {
        match instruction {
            0x80 => drop(self.take::<1>()?),
            0x95 => drop(self.take::<8>()?),
            b'(' => self.marks.push(self.stack.len()),
            // BUILD pops an object's state: for a dict only its metadata, which weights do not need.
            b'0' | b'b' => drop(self.pop()?),
            b'N' => self.stack.push(Value::None),
            0x88 | 0x89 => self.stack.push(Value::Bool),
            b'K' => self.push_int(|machine| machine.take::<1>().map(|[b]| i64::from(b)))?,
            b'M' => self.push_int(|m| m.take().map(|b| i64::from(u16::from_le_bytes(b))))?,
            b'J' => self.push_int(|m| m.take().map(|b| i64::from(i32::from_le_bytes(b))))?,
            0x8a => self.push_int(Machine::take_long)?,
            b'G' => {
                self.take::<8>()?;
                self.stack.push(Value::Float);
            }
            b'X' | 0x8c => {
                let text = self.take_text(instruction == 0x8c)?;
                self.stack.push(Value::Text(text));
            }
            b'c' => self.push_global()?,
            0x93 => self.push_stack_global()?,
            b')' => self.push_tuple(Vec::new()),
            0x85..=0x87 => {
                let count = usize::from(instruction - 0x84);
                let elements = self.pop_many(count)?;
                self.push_tuple(elements);
            }
            b't' => {
                let elements = self.pop_to_mark()?;
                self.push_tuple(elements);
            }
            b']' => self.push_list(),
            b'a' => {
                self.pop()?;
                self.top_list()?;
            }
            b'e' => {
                self.pop_to_mark()?;
                self.top_list()?;
            }
            b'}' => {
                self.push_dict(Vec::new());
            }
            b's' => {
                let pair = self.pop_many(2)?;
                self.extend_dict(pair)?;
            }
            b'u' => {
                let pairs = self.pop_to_mark()?;
                self.extend_dict(pairs)?;
            }
            b'q' | b'r' | 0x94 => self.remember(instruction)?,
            b'h' | b'j' => self.recall(instruction == b'h')?,
            b'Q' => self.push_storage()?,
            b'R' => self.reduce()?,
            other => return Err(format!("its pickle uses the instruction 0x{other:02x}")),
        }
        Ok(())
    }

    fn push_int(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<i64, String>,
    ) -> Result<(), String> {
        let number = read(self)?;
        self.stack.push(Value::Int(number));
        Ok(())
    }

    fn push_tuple(&mut self, elements: Vec<Value>) {
        self.tuples.push(elements);
        self.stack.push(Value::Tuple(self.tuples.len() - 1));
    }

    /// Lists occur only in metadata; what they hold is not kept.
    fn push_list(&mut self) {
        self.stack.push(Value::List);
    }

    fn top_list(&self) -> Result<(), String> {
        match self.stack.last() {
            Some(Value::List) => Ok(()),
            _ => Err("its pickle appends to what is no list".to_owned()),
        }
    }

    fn push_dict(&mut self, pairs: Vec<(Value, Value)>) {
        self.dicts.push(pairs);
        self.stack.push(Value::Dict(self.dicts.len() - 1));
    }

    fn extend_dict(&mut self, flat: Vec<Value>) -> Result<(), String> {
        let Some(Value::Dict(index)) = self.stack.last() else {
            return Err("its pickle sets entries of what is no dict".to_owned());
        };
        let dict = &mut self.dicts[*index];
        let mut flat = flat.into_iter();
        while let (Some(key), Some(value)) = (flat.next(), flat.next()) {
            dict.push((key, value));
        }
        Ok(())
    }

    fn push_global(&mut self) -> Result<(), String> {
        let module = self.take_line()?;
        let name = self.take_line()?;
        self.push_named(&module, &name)
    }

    fn push_stack_global(&mut self) -> Result<(), String> {
        match self.pop_many(2)?.as_slice() {
            [Value::Text(module), Value::Text(name)] => self.push_named(module, name),
            _ => Err("its pickle names a global without text".to_owned()),
        }
    }

    fn push_named(&mut self, module: &str, name: &str) -> Result<(), String> {
        let value = match (module, name) {
            ("collections", "OrderedDict") => Value::Callable(Callable::OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2") => Value::Callable(Callable::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Value::Callable(Callable::RebuildParameter),
            ("torch", storage) => {
                StorageType::from_name(storage).map(Value::StorageKind).ok_or_else(|| {
                    format!("it holds `torch.{storage}`, which no plain state dict does")
                })?
            }
            _ => {
                return Err(format!("it wants `{module}.{name}`, which no plain state dict does"));
            }
        };
        self.stack.push(value);
        Ok(())
    }

    /// A storage is named by the tuple ("storage", type, key, place, length).
    fn push_storage(&mut self) -> Result<(), String> {
        let value = match self.pop_tuple()?.as_slice() {
            [Value::Text(kind), Value::StorageKind(storage_type), Value::Text(key), ..]
                if &**kind == "storage" =>
            {
                Value::Storage { key: key.clone(), storage_type: *storage_type }
            }
            _ => return Err("its pickle refers to something that is no storage".to_owned()),
        };
        self.stack.push(value);
        Ok(())
    }

    fn reduce(&mut self) -> Result<(), String> {
        let arguments = self.pop_tuple()?;
        let Value::Callable(callable) = self.pop()? else {
            return Err("its pickle calls what is no function".to_owned());
        };
        match callable {
            Callable::OrderedDict if arguments.is_empty() => self.push_dict(Vec::new()),
            Callable::OrderedDict => return Err("its pickle fills a dict by a call".to_owned()),
            Callable::RebuildTensor => {
                let tensor = self.tensor(&arguments)?;
                self.tensors.push(tensor);
                self.stack.push(Value::Tensor(self.tensors.len() - 1));
            }
            Callable::RebuildParameter => match arguments.first() {
                Some(Value::Tensor(index)) => self.stack.push(Value::Tensor(*index)),
                _ => return Err("its pickle makes a parameter of what is no tensor".to_owned()),
            },
        }
        Ok(())
    }

    /// The arguments are (storage, offset, size, stride, …); only contiguous tensors are known.
    fn tensor(&self, arguments: &[Value]) -> Result<TensorView, String> {
        let [
            Value::Storage { key, storage_type },
            Value::Int(offset),
            Value::Tuple(size),
            Value::Tuple(stride),
            ..,
        ] = arguments
        else {
            return Err("its pickle rebuilds a tensor from something else".to_owned());
        };
        let dims = self.numbers(*size)?;
        let strides = self.numbers(*stride)?;
        let mut due = 1_usize;
        let mut contiguous = dims.len() == strides.len();
        for (dimension, stride) in dims.iter().zip(&strides).rev() {
            contiguous &= *stride == due || *dimension <= 1;
            due = due.checked_mul(*dimension).ok_or("a tensor is too large")?;
        }
        if !contiguous {
            return Err(format!("a tensor of shape {dims:?} is not stored row by row"));
        }
        let offset = usize::try_from(*offset).map_err(|_| "a tensor begins before its storage")?;
        Ok(TensorView { storage: key.clone(), storage_type: *storage_type, offset, dims })
    }

    fn numbers(&self, tuple: usize) -> Result<Vec<usize>, String> {
        self.tuples[tuple]
            .iter()
            .map(|value| match value {
                Value::Int(number) => usize::try_from(*number).ok(),
                _ => None,
            })
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| "a tensor's shape is not made of numbers".to_owned())
    }

    fn tensors_of(&self, top: &Value) -> Result<BTreeMap<String, TensorView>, String> {
        let Value::Dict(index) = top else {
            return Err("its pickle is no dict of tensors".to_owned());
        };
        let mut tensors = BTreeMap::new();
        for (key, value) in &self.dicts[*index] {
            if let (Value::Text(name), Value::Tensor(tensor)) = (key, value) {
                tensors.insert(name.to_string(), self.tensors[*tensor].clone());
            }
        }
        Ok(tensors)
    }

    fn remember(&mut self, instruction: u8) -> Result<(), String> {
        let key = match instruction {
            b'q' => u32::from(self.take_byte()?),
            b'r' => u32::from_le_bytes(self.take()?),
            _ => u32::try_from(self.memo.len()).map_err(|_| "its pickle remembers too much")?,
        };
        let top = self.stack.last().cloned().ok_or("its pickle remembers nothing")?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, short: bool) -> Result<(), String> {
        let key = if short { self.take_byte()?.into() } else { u32::from_le_bytes(self.take()?) };
        let value = self.memo.get(&key).cloned().ok_or("its pickle recalls what it never had")?;
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, String> {
        if self.marks.last().is_some_and(|mark| *mark >= self.stack.len()) {
            return Err("its pickle takes more than it has put down".to_owned());
        }
        self.stack.pop().ok_or_else(|| "its pickle takes more than it has put down".to_owned())
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Value>, String> {
        let mut values = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        values.reverse();
        Ok(values)
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.marks.pop().ok_or("its pickle has no mark to go back to")?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn pop_tuple(&mut self) -> Result<Vec<Value>, String> {
        match self.pop()? {
            Value::Tuple(index) => Ok(self.tuples[index].clone()),
            _ => Err("its pickle has no tuple where one is due".to_owned()),
        }
    }

    fn take_byte(&mut self) -> Result<u8, String> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let bytes = self.take_slice(N)?;
        bytes.try_into().map_err(|_| "its pickle is cut off".to_owned())
    }

    fn take_slice(&mut self, length: usize) -> Result<&'p [u8], String> {
        let end = self.at.checked_add(length).ok_or("its pickle is cut off")?;
        let slice = self.pickle.get(self.at..end).ok_or("its pickle is cut off")?;
        self.at = end;
        Ok(slice)
    }

    fn take_text(&mut self, short: bool) -> Result<Rc<str>, String> {
        let length =
            if short { self.take_byte()?.into() } else { u32::from_le_bytes(self.take()?) };
        let bytes = self.take_slice(length as usize)?;
        std::str::from_utf8(bytes).map(Rc::from).map_err(|_| "its pickle is not UTF-8".to_owned())
    }

    fn take_line(&mut self) -> Result<String, String> {
        let rest = self.pickle.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or("its pickle is cut off")?;
        let line = self.take_slice(length)?;
        self.at += 1;
        String::from_utf8(line.to_vec()).map_err(|_| "its pickle is not UTF-8".to_owned())
    }

    /// A whole number of up to eight bytes, little endian, two's complement.
    fn take_long(&mut self) -> Result<i64, String> {
        let length = usize::from(self.take_byte()?);
        let bytes = self.take_slice(length)?;
        if length > 8 {
            return Err("its pickle holds a number of more than 64 bits".to_owned());
        }
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = if negative { [0xff; 8] } else { [0; 8] };
        wide[..length].copy_from_slice(bytes);
        Ok(i64::from_le_bytes(wide))
    }
}
