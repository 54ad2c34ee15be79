// Writes and reads small images with ITK, for make_fixtures.py.
//
//   itkio write FILE TYPE COMPRESS X Y Z N A00 ... A23   voxels on standard input, as text, x fastest
//   itkio read FILE                                      prints type, size, RAS+ affine and voxels
//   itkio series FOLDER                                  the same of each DICOM series in a folder
//
// The affine is voxel indices to RAS+ mm, row by row; N > 1 makes a 4D image.
#include <itkGDCMImageIO.h>
#include <itkGDCMSeriesFileNames.h>
#include <itkImageFileReader.h>
#include <itkImageFileWriter.h>
#include <itkImageIOFactory.h>
#include <itkImageSeriesReader.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

template <typename T, unsigned D> void Place(itk::Image<T, D> &image, char **numbers)
{
  auto spacing = image.GetSpacing();
  auto origin = image.GetOrigin();
  auto direction = image.GetDirection();
  for (int c = 0; c < 3; c++)
  {
    double column[3], length = 0;
    for (int r = 0; r < 3; r++)
    {
      column[r] = (r < 2 ? -1 : 1) * std::atof(numbers[4 * r + c]);
      length += column[r] * column[r];
    }
    spacing[c] = std::sqrt(length);
    origin[c] = (c < 2 ? -1 : 1) * std::atof(numbers[4 * c + 3]);
    for (int r = 0; r < 3; r++)
      direction[r][c] = column[r] / spacing[c];
  }
  image.SetSpacing(spacing);
  image.SetOrigin(origin);
  image.SetDirection(direction);
}

template <typename T, unsigned D> void Write(char **argv)
{
  using Image = itk::Image<T, D>;
  auto image = Image::New();
  typename Image::SizeType size;
  for (unsigned i = 0; i < D; i++)
    size[i] = std::atoi(argv[5 + i]);
  image->SetRegions(size);
  image->Allocate();
  Place<T, D>(*image, argv + 9);
  const auto count = image->GetLargestPossibleRegion().GetNumberOfPixels();
  for (itk::SizeValueType i = 0; i < count; i++)
  {
    long double value;
    std::cin >> value;
    image->GetBufferPointer()[i] = static_cast<T>(value);
  }
  auto writer = itk::ImageFileWriter<Image>::New();
  writer->SetInput(image);
  writer->SetFileName(argv[2]);
  writer->SetUseCompression(std::string(argv[4]) == "1");
  writer->Update();
}

template <typename T> void WriteAny(char **argv)
{
  if (std::atoi(argv[8]) > 1)
    Write<T, 4>(argv);
  else
    Write<T, 3>(argv);
}

template <typename T, unsigned D> void Print(const itk::Image<T, D> &image, const char *type)
{
  const auto size = image.GetLargestPossibleRegion().GetSize();
  std::cout << type;
  for (unsigned i = 0; i < D; i++)
    std::cout << ' ' << size[i];
  std::cout << '\n' << std::setprecision(17);
  for (int r = 0; r < 3; r++)
  {
    const int sign = r < 2 ? -1 : 1;
    for (int c = 0; c < 3; c++)
      std::cout << sign * image.GetDirection()[r][c] * image.GetSpacing()[c] << ' ';
    std::cout << sign * image.GetOrigin()[r] << ' ';
  }
  std::cout << '\n';
  for (itk::SizeValueType i = 0; i < image.GetLargestPossibleRegion().GetNumberOfPixels(); i++)
    std::cout << +image.GetBufferPointer()[i] << ' ';
  std::cout << '\n';
}

template <typename T> void Read(const char *file, unsigned dimensions, const char *type)
{
  if (dimensions == 4)
  {
    auto reader = itk::ImageFileReader<itk::Image<T, 4>>::New();
    reader->SetFileName(file);
    reader->Update();
    Print<T, 4>(*reader->GetOutput(), type);
  }
  else
  {
    auto reader = itk::ImageFileReader<itk::Image<T, 3>>::New();
    reader->SetFileName(file);
    reader->Update();
    Print<T, 3>(*reader->GetOutput(), type);
  }
}

void ReadFile(const char *file)
{
  auto io = itk::ImageIOFactory::CreateImageIO(file, itk::CommonEnums::IOFileMode::ReadMode);
  io->SetFileName(file);
  io->ReadImageInformation();
  const auto n = io->GetNumberOfDimensions();
  using C = itk::CommonEnums::IOComponent;
  switch (io->GetComponentType())
  {
  case C::UCHAR: return Read<uint8_t>(file, n, "u1");
  case C::CHAR: return Read<int8_t>(file, n, "i1");
  case C::USHORT: return Read<uint16_t>(file, n, "u2");
  case C::SHORT: return Read<int16_t>(file, n, "i2");
  case C::UINT: return Read<uint32_t>(file, n, "u4");
  case C::INT: return Read<int32_t>(file, n, "i4");
  case C::ULONG: case C::ULONGLONG: return Read<unsigned long long>(file, n, "u8");
  case C::LONG: case C::LONGLONG: return Read<long long>(file, n, "i8");
  case C::FLOAT: return Read<float>(file, n, "f4");
  default: return Read<double>(file, n, "f8");
  }
}

void ReadSeries(const char *folder)
{
  auto names = itk::GDCMSeriesFileNames::New();
  names->SetInputDirectory(folder);
  for (const auto &uid : names->GetSeriesUIDs())
  {
    const auto files = names->GetFileNames(uid);
    auto reader = itk::ImageSeriesReader<itk::Image<double, 3>>::New();
    reader->SetImageIO(itk::GDCMImageIO::New());
    reader->SetFileNames(files);
    reader->ForceOrthogonalDirectionOff();
    reader->Update();
    Print<double, 3>(*reader->GetOutput(), "f8");
  }
}

int main(int argc, char **argv)
{
  const std::string what = argc > 2 ? argv[1] : "";
  try
  {
    if (what == "read")
      ReadFile(argv[2]);
    else if (what == "series")
      ReadSeries(argv[2]);
    else if (what == "write" && argc == 21)
    {
      const std::string type = argv[3];
      if (type == "u1") WriteAny<uint8_t>(argv);
      else if (type == "i1") WriteAny<int8_t>(argv);
      else if (type == "u2") WriteAny<uint16_t>(argv);
      else if (type == "i2") WriteAny<int16_t>(argv);
      else if (type == "u4") WriteAny<uint32_t>(argv);
      else if (type == "i4") WriteAny<int32_t>(argv);
      else if (type == "u8") WriteAny<unsigned long long>(argv);
      else if (type == "i8") WriteAny<long long>(argv);
      else if (type == "f4") WriteAny<float>(argv);
      else WriteAny<double>(argv);
    }
    else
      return 2;
  }
  catch (const itk::ExceptionObject &error)
  {
    std::cerr << error.GetDescription() << '\n';
    return 1;
  }
  return 0;
}
