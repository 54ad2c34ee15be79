// N4 the way its users call it (ANTs, SimpleITK): shrink by subsampling, estimate, evaluate the spline at full resolution.
#include "driver.h"

#include "itkBSplineControlPointImageFilter.h"
#include "itkImageFileReader.h"
#include "itkImageFileWriter.h"
#include "itkN4BiasFieldCorrectionImageFilter.h"
#include "itkOtsuThresholdImageFilter.h"
#include "itkShrinkImageFilter.h"
#include "itkVectorIndexSelectionCastImageFilter.h"

#include <iostream>

namespace
{
using Image = itk::Image<float, 3>;
using Mask = itk::Image<unsigned char, 3>;
using N4 = itk::N4BiasFieldCorrectionImageFilter<Image, Mask, Image>;

template <typename T>
typename T::Pointer
Read(const std::string & path)
{
  auto reader = itk::ImageFileReader<T>::New();
  reader->SetFileName(path);
  reader->Update();
  return reader->GetOutput();
}

template <typename T>
typename T::Pointer
Shrink(T * image, unsigned int factor)
{
  auto shrink = itk::ShrinkImageFilter<T, T>::New();
  shrink->SetInput(image);
  shrink->SetShrinkFactors(factor);
  shrink->Update();
  return shrink->GetOutput();
}

// The head, for scans whose brain is not known: the mask that SimpleITK's own example of N4 makes.
Mask::Pointer
HeadMask(Image * image)
{
  auto otsu = itk::OtsuThresholdImageFilter<Image, Mask>::New();
  otsu->SetInput(image);
  otsu->SetInsideValue(0);
  otsu->SetOutsideValue(1);
  otsu->SetNumberOfHistogramBins(200);
  otsu->Update();
  return otsu->GetOutput();
}

void
Write(Image * image, const std::string & path)
{
  auto writer = itk::ImageFileWriter<Image>::New();
  writer->SetFileName(path);
  writer->SetInput(image);
  writer->Update();
}

// The log field on a grid, from its first voxel centre to its last.
Image::Pointer
Evaluate(const N4 * n4, const Image * grid)
{
  auto spline = itk::BSplineControlPointImageFilter<N4::BiasFieldControlPointLatticeType, N4::ScalarImageType>::New();
  spline->SetInput(n4->GetLogBiasFieldControlPointLattice());
  spline->SetSplineOrder(n4->GetSplineOrder());
  spline->SetSize(grid->GetLargestPossibleRegion().GetSize());
  spline->SetOrigin(grid->GetOrigin());
  spline->SetSpacing(grid->GetSpacing());
  spline->SetDirection(grid->GetDirection());
  // Told its size only by running: what follows would take the lattice's.
  spline->Update();
  auto select = itk::VectorIndexSelectionCastImageFilter<N4::ScalarImageType, Image>::New();
  select->SetInput(spline->GetOutput());
  select->SetIndex(0);
  select->Update();
  return select->GetOutput();
}
} // namespace

int
RunN4(const Options & options)
{
  const auto image = Read<Image>(options.Text("input"));

  const Stopwatch watch;
  const auto      mask = options.Has("mask") ? Read<Mask>(options.Text("mask")) : HeadMask(image.GetPointer());
  const auto      shrink = static_cast<unsigned int>(options.Number("shrink", 4));
  const auto      levels = static_cast<unsigned int>(options.Number("levels", 4));
  auto            n4 = N4::New();
  n4->SetInput(Shrink(image.GetPointer(), shrink));
  n4->SetMaskImage(Shrink(mask.GetPointer(), shrink));
  n4->SetNumberOfFittingLevels(levels);
  N4::VariableSizeArrayType iterations(levels);
  iterations.Fill(static_cast<unsigned int>(options.Number("iterations", 50)));
  n4->SetMaximumNumberOfIterations(iterations);
  N4::ArrayType points;
  points.Fill(static_cast<unsigned int>(options.Number("points", 4)));
  n4->SetNumberOfControlPoints(points);
  n4->SetConvergenceThreshold(options.Number("threshold", 0.001));
  n4->SetBiasFieldFullWidthAtHalfMaximum(options.Number("fwhm", 0.15));
  n4->SetWienerFilterNoise(options.Number("noise", 0.01));
  n4->SetNumberOfHistogramBins(static_cast<unsigned int>(options.Number("bins", 200)));
  n4->Update();
  const auto estimated = watch.Seconds();

  // The spline of the shrunk grid stretched to the full one, as ANTs and the examples of SimpleITK do.
  const auto field = Evaluate(n4.GetPointer(), image.GetPointer());
  std::cout << "estimate " << estimated << "\ntotal " << watch.Seconds() << '\n';

  if (options.Has("field"))
  {
    Write(field.GetPointer(), options.Text("field"));
  }
  if (options.Has("shrunk-field"))
  {
    Write(Evaluate(n4.GetPointer(), n4->GetInput()).GetPointer(), options.Text("shrunk-field"));
  }
  return 0;
}
