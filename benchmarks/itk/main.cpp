#include "driver.h"

#include "itkMacro.h"
#include "itkMultiThreaderBase.h"

#include <iostream>

int
main(int argc, char ** argv)
{
  const std::string command = argc > 1 ? argv[1] : "";
  try
  {
    if (command == "n4" || command == "affine")
    {
      const Options options(argc - 2, argv + 2);
      const auto    threads = static_cast<itk::ThreadIdType>(options.Number("threads", 2));

      // The default only: with the global maximum lowered, ITK 5.2 leaves out the work units beyond it, and N4's fit with them.
      itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(threads);
      return command == "n4" ? RunN4(options) : RunAffine(options);
    }
  }
  catch (const itk::ExceptionObject & problem)
  {
    std::cerr << problem.GetDescription() << '\n';
    return 1;
  }
  catch (const std::exception & problem)
  {
    std::cerr << problem.what() << '\n';
    return 1;
  }
  std::cerr << "mrilink-itk n4     --input FILE [--mask FILE] [--field FILE] [--shrunk-field FILE] [--shrink 4] [--levels 4]\n"
               "                   [--iterations 50] [--points 4] [--threshold 0.001] [--fwhm 0.15] [--noise 0.01] [--bins 200] [--threads 2]\n"
               "mrilink-itk affine --fixed FILE --moving FILE [--output FILE] [--threads 2]\n"
               "Prints the seconds that each step took.\n";
  return 64;
}
