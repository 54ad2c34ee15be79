// What the subcommands share.
#pragma once

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>

// "--name value" pairs.
class Options
{
public:
  Options(int count, char ** values)
  {
    for (int i = 0; i + 1 < count; i += 2)
    {
      const std::string name = values[i];
      if (name.rfind("--", 0) != 0)
      {
        throw std::invalid_argument(name + " is no option");
      }
      m_Values[name.substr(2)] = values[i + 1];
    }
    if (count % 2 != 0)
    {
      throw std::invalid_argument(std::string(values[count - 1]) + " needs a value");
    }
  }

  bool
  Has(const std::string & name) const
  {
    return m_Values.count(name) != 0;
  }

  const std::string &
  Text(const std::string & name) const
  {
    const auto found = m_Values.find(name);
    if (found == m_Values.end())
    {
      throw std::invalid_argument("--" + name + " is needed");
    }
    return found->second;
  }

  double
  Number(const std::string & name, double otherwise) const
  {
    return Has(name) ? std::stod(Text(name)) : otherwise;
  }

private:
  std::map<std::string, std::string> m_Values;
};

class Stopwatch
{
public:
  double
  Seconds() const
  {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_Start).count();
  }

private:
  std::chrono::steady_clock::time_point m_Start = std::chrono::steady_clock::now();
};

int
RunN4(const Options & options);

int
RunAffine(const Options & options);
