// Affine registration by Mattes mutual information, three levels, a tenth of the voxels: the setting of most ITK scripts.
#include "driver.h"

#include "itkAffineTransform.h"
#include "itkCenteredTransformInitializer.h"
#include "itkImageFileReader.h"
#include "itkImageFileWriter.h"
#include "itkImageRegistrationMethodv4.h"
#include "itkLinearInterpolateImageFunction.h"
#include "itkMattesMutualInformationImageToImageMetricv4.h"
#include "itkRegistrationParameterScalesFromPhysicalShift.h"
#include "itkRegularStepGradientDescentOptimizerv4.h"
#include "itkResampleImageFilter.h"

#include <iomanip>
#include <iostream>

namespace
{
using Image = itk::Image<float, 3>;
using Transform = itk::AffineTransform<double, 3>;
using Metric = itk::MattesMutualInformationImageToImageMetricv4<Image, Image>;
using Registration = itk::ImageRegistrationMethodv4<Image, Image, Transform>;

Image::Pointer
Read(const std::string & path)
{
  auto reader = itk::ImageFileReader<Image>::New();
  reader->SetFileName(path);
  reader->Update();
  return reader->GetOutput();
}
} // namespace

int
RunAffine(const Options & options)
{
  const auto fixed = Read(options.Text("fixed"));
  const auto moving = Read(options.Text("moving"));

  const Stopwatch watch;
  auto            transform = Transform::New();
  auto            initializer = itk::CenteredTransformInitializer<Transform, Image, Image>::New();
  initializer->SetTransform(transform);
  initializer->SetFixedImage(fixed);
  initializer->SetMovingImage(moving);
  initializer->MomentsOn();
  initializer->InitializeTransform();

  auto metric = Metric::New();
  metric->SetNumberOfHistogramBins(32);

  auto scales = itk::RegistrationParameterScalesFromPhysicalShift<Metric>::New();
  scales->SetMetric(metric);
  auto optimizer = itk::RegularStepGradientDescentOptimizerv4<double>::New();
  optimizer->SetScalesEstimator(scales);
  optimizer->SetDoEstimateLearningRateOnce(true);
  optimizer->SetNumberOfIterations(100);
  optimizer->SetMinimumStepLength(1e-4);

  auto registration = Registration::New();
  registration->SetFixedImage(fixed);
  registration->SetMovingImage(moving);
  registration->SetMetric(metric);
  registration->SetOptimizer(optimizer);
  registration->SetInitialTransform(transform);
  registration->InPlaceOn();
  registration->SetNumberOfLevels(3);
  Registration::ShrinkFactorsArrayType shrink(3);
  shrink[0] = 4;
  shrink[1] = 2;
  shrink[2] = 1;
  registration->SetShrinkFactorsPerLevel(shrink);
  Registration::SmoothingSigmasArrayType smoothing(3);
  smoothing[0] = 2;
  smoothing[1] = 1;
  smoothing[2] = 0;
  registration->SetSmoothingSigmasPerLevel(smoothing);
  registration->SmoothingSigmasAreSpecifiedInPhysicalUnitsOn();
  registration->SetMetricSamplingStrategy(Registration::MetricSamplingStrategyEnum::RANDOM);
  registration->SetMetricSamplingPercentage(0.1);
  registration->MetricSamplingReinitializeSeed(1);
  registration->Update();
  std::cout << "register " << watch.Seconds() << '\n';

  auto resample = itk::ResampleImageFilter<Image, Image>::New();
  resample->SetInput(moving);
  resample->SetTransform(transform);
  resample->SetReferenceImage(fixed);
  resample->UseReferenceImageOn();
  resample->Update();
  std::cout << "total " << watch.Seconds() << '\n';

  // LPS+ mm of the fixed image to LPS+ mm of the moving one, row by row.
  const auto matrix = transform->GetMatrix();
  const auto offset = transform->GetOffset();
  std::cout << std::setprecision(17);
  for (unsigned int row = 0; row < 3; ++row)
  {
    std::cout << "row " << matrix[row][0] << ' ' << matrix[row][1] << ' ' << matrix[row][2] << ' ' << offset[row] << '\n';
  }

  if (options.Has("output"))
  {
    auto writer = itk::ImageFileWriter<Image>::New();
    writer->SetFileName(options.Text("output"));
    writer->SetInput(resample->GetOutput());
    writer->Update();
  }
  return 0;
}
